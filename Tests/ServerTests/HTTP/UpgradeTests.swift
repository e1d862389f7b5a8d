import Foundation
import Testing

@testable import HubServer

@Suite("Upgrades", .serialized)
struct UpgradeTests {
    private func handshake(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(fields)\r\n"
    }

    @Test("an echo sends back what comes, whole, large, and right behind the handshake")
    func echo() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(Array(handshake("/echo").utf8) + [0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
            let accepted = try await socket.reply(bodiless: true)
            #expect(accepted.status == 101)
            #expect(accepted["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            let first = try await socket.frame()
            #expect(first.opcode == 1 && first.payload == [0x68, 0x69])
            let large = [UInt8](repeating: 7, count: 3 << 20)
            socket.sendFrame(opcode: 2, large)
            let second = try await socket.frame()
            #expect(second.opcode == 2 && second.payload == large)
            socket.sendFrame(opcode: 9, [1])
            let pong = try await socket.frame()
            #expect(pong.opcode == 10 && pong.payload == [1])
            socket.sendFrame(opcode: 8, [0x03, 0xE8])
            let close = try await socket.frame()
            #expect(close.opcode == 8 && close.payload == [0x03, 0xE8])
            #expect(try await socket.rest().isEmpty)
        }
    }

    @Test("a peer that does not read its echo is not read either, and gets everything in the end")
    func backpressure() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(handshake("/echo"))
            #expect(try await socket.reply(bodiless: true).status == 101)
            let message = [UInt8](repeating: 7, count: 1 << 20)
            let count = 24
            // Sends from a thread of its own: it stands still until this one reads.
            let writer = socket.writer
            Thread { for _ in 0..<count { writer.sendFrame(opcode: 2, message) } }.start()
            for _ in 0..<count { #expect(try await socket.frame().payload.count == message.count) }
        }
    }

    @Test("a frame that breaks the protocol closes the echo with 1002")
    func violation() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(handshake("/echo"))
            #expect(try await socket.reply(bodiless: true).status == 101)
            socket.send([0x81, 0x01, 0x41])
            let close = try await socket.frame()
            #expect(close.opcode == 8 && close.payload.prefix(2) == [0x03, 0xEA])
        }
    }

    @Test(
        "a handshake that is wrong gets its status, then the end",
        arguments: [
            ("Origin: https://evil.example\r\n", 403), ("Origin: null\r\n", 403),
            ("Sec-WebSocket-Protocol: other.v1\r\n", 400),
        ]
    )
    func refused(_ fields: String, _ status: Int) async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(handshake("/ws", fields))
            let reply = try await socket.reply()
            #expect(reply.status == status)
            #expect(reply["content-type"] == "application/problem+json")
            #expect(try await socket.rest().isEmpty)
        }
    }

    @Test("a socket speaks apus.v1: hello, then the drain's notice and 1012 at the end")
    func hub() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            let origin = "Origin: http://localhost\r\nSec-WebSocket-Protocol: apus.v1\r\n"
            socket.send(handshake("/ws", origin))
            let accepted = try await socket.reply(bodiless: true)
            #expect(accepted.status == 101)
            #expect(accepted["sec-websocket-protocol"] == "apus.v1")
            let hello = #"{"id":1,"cmd":"hello","token":"\#(try await test.token())"}"#
            socket.sendFrame(opcode: 1, [UInt8](hello.utf8))
            let welcome = String(decoding: try await socket.frame().payload, as: UTF8.self)
            #expect(welcome.contains(#""user":"u7""#))
            async let drained: Void = test.server.drain()
            let notice = String(decoding: try await socket.frame().payload, as: UTF8.self)
            #expect(notice.hasPrefix(#"{"drain":{"reconnect_after":"#))
            let close = try await socket.frame()
            #expect(close.opcode == 8 && close.payload.prefix(2) == [0x03, 0xF4])
            await drained
            #expect(throws: RawSocket.Refused.self) { try RawSocket(port: test.port) }
        }
    }
}
