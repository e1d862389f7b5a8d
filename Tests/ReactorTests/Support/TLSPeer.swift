import CTLSPeer
import Foundation
import Reactor

/// A TLS client on a test's blocking socket. Its bytes pass through memory, so a test decides how they travel.
final class TLSPeer {
    enum Failure: Error, Equatable {
        /// OpenSSL gave up; the number of the alert that was received, or −1.
        case tls(alert: Int)
        /// FIN without close_notify.
        case truncated
    }

    /// A session to be resumed.
    final class Session {
        fileprivate let pointer: UnsafeMutableRawPointer

        fileprivate init(_ pointer: UnsafeMutableRawPointer) {
            self.pointer = pointer
        }

        deinit {
            apus_session_free(pointer)
        }
    }

    enum Version: Int32 {
        case any = 0
        case tls11 = 0x0302
        case tls12 = 0x0303
        case tls13 = 0x0304
    }

    let client: Client
    /// How what is to be sent goes out; whole as a rule.
    var transmit: ([UInt8]) throws -> Void
    private let peer: OpaquePointer

    init(_ client: Client, version: Version = .any, protocols: [String] = [], session: Session? = nil) {
        self.client = client
        transmit = { try client.send($0) }
        let offers = protocols.flatMap { [UInt8($0.utf8.count)] + $0.utf8 }
        peer =
            offers.isEmpty
            ? apus_peer_new(version.rawValue, nil, 0, session?.pointer)
            : apus_peer_new(version.rawValue, offers, offers.count, session?.pointer)
    }

    deinit {
        apus_peer_free(peer)
    }

    /// A peer whose handshake is done.
    static func connected(
        to server: TestServer,
        version: Version = .any,
        protocols: [String] = [],
        session: Session? = nil,
        receiveBuffer: Int32? = nil
    ) throws -> TLSPeer {
        let client = try Client(port: server.port, receiveBuffer: receiveBuffer)
        let peer = TLSPeer(client, version: version, protocols: protocols, session: session)
        try peer.handshake()
        return peer
    }

    /// Carries the handshake on until it needs the other side, and returns what is to be sent.
    func advance() throws -> (isDone: Bool, output: [UInt8]) {
        let result = apus_peer_handshake(peer)
        let output = takeOutput()
        guard result >= 0 else {
            // The alert that says so is on its way.
            try? transmit(output)
            throw failure
        }
        return (result == 1, output)
    }

    func handshake() throws {
        while true {
            let (isDone, output) = try advance()
            if !output.isEmpty { try transmit(output) }
            if isDone { return }
            try takeIn()
        }
    }

    func write(_ bytes: [UInt8]) throws {
        guard apus_peer_write(peer, bytes, Int32(bytes.count)) == 1 else { throw failure }
        try transmit(takeOutput())
    }

    func write(_ text: String) throws {
        try write([UInt8](text.utf8))
    }

    /// Sealed bytes that are not sent.
    func sealed(_ text: String) throws -> [UInt8] {
        let bytes = [UInt8](text.utf8)
        guard apus_peer_write(peer, bytes, Int32(bytes.count)) == 1 else { throw failure }
        return takeOutput()
    }

    /// What is there, at most so much; empty at close_notify.
    func receive(atMost limit: Int = 1 << 16) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = apus_peer_read(peer, &buffer, Int32(limit))
            // What TLS itself has to answer.
            let output = takeOutput()
            if !output.isEmpty { try transmit(output) }
            switch count {
            case 1...: return Array(buffer.prefix(Int(count)))
            case 0: try takeIn()
            case -1: return []
            default: throw failure
            }
        }
    }

    func receive(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try receive(atMost: min(count - bytes.count, 1 << 16))
            guard !more.isEmpty else { throw Failure.truncated }
            bytes += more
        }
        return bytes
    }

    func receiveText(_ count: Int) throws -> String {
        String(decoding: try receive(count), as: UTF8.self)
    }

    /// Everything up to close_notify; without that, `truncated`.
    func receiveToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = try receive()
            if more.isEmpty { return bytes }
            bytes += more
        }
    }

    func closeNotify() throws {
        _ = apus_peer_close_notify(peer)
        try transmit(takeOutput())
    }

    func updateKeys() throws {
        guard apus_peer_update_keys(peer) == 1 else { throw failure }
        try transmit(takeOutput())
    }

    /// Begins a second handshake and waits for what comes of it.
    func renegotiate() throws {
        guard apus_peer_renegotiate(peer) >= 0 else { throw failure }
        try transmit(takeOutput())
        try handshake()
    }

    var version: Version? { Version(rawValue: apus_peer_version(peer)) }
    var isResumed: Bool { apus_peer_is_resumed(peer) == 1 }
    var cipher: String { String(cString: apus_peer_cipher(peer)) }
    var alert: Int { Int(apus_peer_alert(peer)) }
    var serial: Int64 { apus_peer_serial(peer) }
    var session: Session? { apus_peer_session(peer).map(Session.init) }

    var applicationProtocol: String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = apus_peer_protocol(peer, &bytes, 64)
        return String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
    }

    /// Gives OpenSSL what the socket has.
    private func takeIn() throws {
        let bytes = try client.receive(atMost: 1 << 16)
        guard !bytes.isEmpty else { throw Failure.truncated }
        _ = apus_peer_take_in(peer, bytes, Int32(bytes.count))
    }

    private func takeOutput() -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = apus_peer_take_out(peer, &piece, Int32(piece.count))
            guard count > 0 else { return bytes }
            bytes += piece.prefix(Int(count))
        }
    }

    private var failure: Failure { .tls(alert: alert) }
}
