import Testing

@testable import apus_load

@Suite("How the load reads what servers send")
struct WireTests {
    /// Everything that came out of these bytes, cut at every place.
    private func everyCut(_ bytes: [UInt8], _ read: ([ArraySlice<UInt8>]) throws -> [String]) rethrows -> Set<[String]>
    {
        var outcomes: Set<[String]> = []
        for cut in 0...bytes.count { outcomes.insert(try read([bytes[..<cut], bytes[cut...]])) }
        return outcomes
    }

    @Test("Frames of every length, cut anywhere, give the same messages")
    func frames() throws {
        var bytes = Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n".utf8)
        bytes += [0x81, 2] + Array("hi".utf8)
        bytes += [0x82, 126, 0, 200] + [UInt8](repeating: 97, count: 200)
        bytes += [0x8a, 0]
        let outcomes = try everyCut(bytes) { parts in
            let peer = Peer(descriptor: -1, index: 0)
            var seen: [String] = []
            for part in parts where !part.isEmpty {
                try part.withUnsafeBytes { bytes in
                    try peer.receive(bytes) { inbound in
                        switch inbound {
                        case .opened: seen.append("opened")
                        case .message(let payload): seen.append(String(decoding: payload, as: UTF8.self))
                        case .response: seen.append("response")
                        }
                    }
                }
            }
            return seen
        }
        #expect(outcomes == [["opened", "hi", String(repeating: "a", count: 200)]])
    }

    @Test("A refusal, a close and an unasked compression end the run with what the server said")
    func endings() {
        let head = "HTTP/1.1 101 X\r\n\r\n"
        for (text, word) in [
            (Array("HTTP/1.1 403 Forbidden\r\n\r\n".utf8), "403 Forbidden"),
            (Array(head.utf8) + [0x88, 5, 0x11, 0x38] + Array("bye".utf8), "4408 bye"),
            (Array(head.utf8) + [0xc1, 1, 0], "compressed"),
        ] {
            let peer = Peer(descriptor: -1, index: 0)
            #expect { try text.withUnsafeBytes { try peer.receive($0) { _ in } } } throws: { "\($0)".contains(word) }
        }
    }

    @Test("NATS' lines, cut anywhere, give the same messages")
    func nats() throws {
        let bytes = Array("INFO {}\r\nPONG\r\nMSG room 1 5\r\nhe\r\no\r\nPING\r\nMSG room 1 0\r\n\r\n".utf8)
        let outcomes = try everyCut(bytes) { parts in
            var stream = NatsStream()
            var seen: [String] = []
            for part in parts {
                try part.withUnsafeBytes { bytes in
                    try stream.receive(bytes) { event in
                        switch event {
                        case .message(let body): seen.append("<\(String(decoding: body, as: UTF8.self))>")
                        case .ping: seen.append("ping")
                        case .pong: seen.append("pong")
                        }
                    }
                }
            }
            return seen
        }
        #expect(outcomes == [["pong", "<he\r\no>", "ping", "<>"]])
    }

    @Test("HTTP responses of one connection are told apart by their length")
    func responses() throws {
        let bytes = Array("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 204 None\r\n\r\n".utf8)
        var seen: [String] = []
        let used = try bytes.withUnsafeBytes { bytes in
            try HTTPResponse.consume(bytes) { inbound in
                guard case .response(let status, let body) = inbound else { return }
                seen.append("\(status) \(String(decoding: body, as: UTF8.self))")
            }
        }
        #expect(seen == ["201 ok", "204 "])
        #expect(used == bytes.count)
    }

    @Test("A reply is known by its number; one that is an error ends the run")
    func replies() throws {
        func answered(_ text: String) throws -> Int? { try Array(text.utf8).withUnsafeBytes(HubLine.answered) }
        #expect(try answered(#"{"id":12,"ok":{}}"#) == 12)
        #expect(try answered(#"{"room":"a:b","offset":3}"#) == nil)
        #expect(throws: LoadError.self) { try answered(#"{"id":12,"error":{"code":"busy"}}"#) }
    }
}
