import Reactor

/// Writes everything down and does what the test wants on top.
final class ScriptedHandler: ConnectionHandler {
    let log: EventLog
    var onReceived: (Connection, [UInt8]) -> Void = { _, _ in }
    var onEnd: (Connection) -> Void = { $0.finish() }
    var onDrained: (Connection) -> Void = { _ in }
    var onClosed: (Connection) -> Void = { _ in }

    init(_ log: EventLog = EventLog()) {
        self.log = log
    }

    convenience init(_ log: EventLog, onReceived: @escaping (Connection, [UInt8]) -> Void) {
        self.init(log)
        self.onReceived = onReceived
    }

    func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: Connection) {
        let copy = [UInt8](bytes)
        // What a handler does to its bytes is its own business: nobody may see them afterwards.
        bytes.initializeMemory(as: UInt8.self, repeating: 0xEE)
        log.add(.received(copy))
        onReceived(connection, copy)
    }

    func receivedEnd(on connection: Connection) {
        log.add(.end)
        onEnd(connection)
    }

    func drained(_ connection: Connection) {
        log.add(.drained)
        onDrained(connection)
    }

    func closed(_ connection: Connection, _ reason: DisconnectReason) {
        log.add(.closed(reason))
        onClosed(connection)
    }
}
