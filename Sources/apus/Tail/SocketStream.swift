import Foundation

/// A blocking TCP connection of a developer tool: it may wait, since nothing else runs beside it.
final class SocketStream {
    private let descriptor: Int32

    /// Connects to a host by name or address.
    init(host: String, port: Int) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0 else {
            throw Failure(sentence: "the host \(host) is not known", status: 1)
        }
        defer { freeaddrinfo(found) }
        var candidate = found
        while let address = candidate?.pointee {
            let socket = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
            if socket >= 0, connect(socket, address.ai_addr, address.ai_addrlen) == 0 {
                descriptor = socket
                return
            }
            if socket >= 0 { close(socket) }
            candidate = address.ai_next
        }
        throw Failure(sentence: "nobody answers at \(host):\(port)", status: 1)
    }

    deinit {
        close(descriptor)
    }

    /// From now on reading and writing fail after so many seconds of silence.
    func giveUp(after seconds: Int) {
        var patience = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// Sends everything.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(sentence: "the connection broke", status: 1) }
            sent += count
        }
    }

    /// Waits for bytes; empty at the end of the stream.
    func receive() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw Failure(sentence: "the connection broke", status: 1) }
        return Array(bytes.prefix(count))
    }
}
