import Logging
import Synchronization

/// Remembers log messages.
final class LogRecorder: Sendable {
    private let lines = Mutex<[(Logger.Level, String)]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

    func count(_ level: Logger.Level) -> Int { lines.withLock { $0.filter { $0.0 == level }.count } }

    fileprivate func add(_ level: Logger.Level, _ line: String) { lines.withLock { $0.append((level, line)) } }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            recorder.add(event.level, event.message.description)
        }
    }
}
