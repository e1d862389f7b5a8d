import Foundation

/// A blocking socket that says exactly what a test wants said, byte by byte if need be.
final class RawSocket {
    struct TimedOut: Error {}
    struct Refused: Error {}

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Refused() }
        // The time after which a test fails; none waits for it.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit {
        close(descriptor)
    }

    /// The sending side, which another thread may have while this one reads.
    var writer: RawWriter { RawWriter(descriptor: descriptor) }

    func send(_ text: String) {
        writer.send([UInt8](text.utf8))
    }

    func send(_ bytes: [UInt8]) {
        writer.send(bytes)
    }

    func sendFrame(opcode: UInt8, _ payload: [UInt8]) {
        writer.sendFrame(opcode: opcode, payload)
    }

    /// Waits, without reading, until the peer has reset the connection.
    func waitForReset() throws {
        var wanted = pollfd(fd: descriptor, events: 0, revents: 0)
        guard poll(&wanted, 1, 20_000) == 1 else { throw TimedOut() }
    }

    /// Says that nothing more comes (FIN).
    func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// The next reply, its body as long as its head says (`bodiless` for HEAD).
    func reply(bodiless: Bool = false) async throws -> RawReply {
        let head = try await text(upTo: "\r\n\r\n")
        var reply = RawReply(head: head)
        let length = bodiless ? 0 : Int(reply["content-length"] ?? "") ?? 0
        reply.body = String(decoding: try await bytes(length), as: UTF8.self)
        return reply
    }

    /// Everything up to the end of the stream.
    func rest() async throws -> [UInt8] {
        while try await fill() {}
        defer { buffer = [] }
        return buffer
    }

    func bytes(_ count: Int) async throws -> [UInt8] {
        while buffer.count < count {
            guard try await fill() else { throw Refused() }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    /// One frame of a server: opcode, and payload as it is.
    func frame() async throws -> (opcode: UInt8, payload: [UInt8]) {
        let start = try await bytes(2)
        var length = Int(start[1] & 0x7F)
        if length >= 126 {
            length = try await bytes(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        return (start[0] & 0x0F, try await bytes(length))
    }

    private func text(upTo end: String) async throws -> String {
        let end = [UInt8](end.utf8)
        while true {
            if let found = buffer.firstRange(of: end) {
                defer { buffer.removeSubrange(..<found.upperBound) }
                return String(decoding: buffer[..<found.lowerBound], as: UTF8.self)
            }
            guard try await fill() else { throw Refused() }
        }
    }

    /// Waits on a thread of its own: the tests' few cooperative threads are needed by the hub's tasks.
    private func fill() async throws -> Bool {
        let descriptor = descriptor
        let received: Result<[UInt8], TimedOut> = await withCheckedContinuation { continuation in
            Thread {
                var chunk = [UInt8](repeating: 0, count: 65_536)
                let count = recv(descriptor, &chunk, chunk.count, 0)
                let isLate = count < 0 && errno == EAGAIN
                continuation.resume(
                    returning: isLate ? .failure(TimedOut()) : .success(Array(chunk.prefix(max(0, count))))
                )
            }.start()
        }
        let chunk = try received.get()
        buffer.append(contentsOf: chunk)
        return !chunk.isEmpty
    }
}

/// The sending side of a socket.
struct RawWriter: Sendable {
    let descriptor: Int32

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Sends a client's frame, masked with zeros.
    func sendFrame(opcode: UInt8, _ payload: [UInt8]) {
        var frame: [UInt8] = [0x80 | opcode]
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65_536: frame += [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: frame += [0xFF] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        send(frame + [0, 0, 0, 0] + payload)
    }
}

/// A reply as it came over the wire.
struct RawReply {
    let status: Int
    let fields: [(name: String, value: String)]
    var body = ""

    init(head: String) {
        let lines = head.components(separatedBy: "\r\n")
        status = Int(lines[0].split(separator: " ")[1]) ?? 0
        fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces))
        }
    }

    subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    }
}
