import Glibc
import Logging

/// Writes log lines to stderr, each with one `write`, so that lines of several threads never mix.
///
/// It owns nothing but its settings; stdout stays free for what scripts parse.
public struct StandardErrorLogHandler: LogHandler {
    /// See `LogHandler`.
    public var logLevel: Logger.Level
    /// See `LogHandler`.
    public var metadata: Logger.Metadata = [:]
    /// See `LogHandler`.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogLine.Format
    private let write: @Sendable (String) -> Void

    /// A handler; `json` writes one JSON object a line.
    public init(label: String, level: Logger.Level, json: Bool) {
        self.init(
            label: label,
            level: level,
            format: json ? .json : .text,
            write: StandardErrorLogHandler.toStandardError
        )
    }

    init(label: String, level: Logger.Level, format: LogLine.Format, write: @escaping @Sendable (String) -> Void) {
        self.label = label
        self.format = format
        self.write = write
        logLevel = level
    }

    /// See `LogHandler`.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get() {
            merged.merge(provided) { _, new in new }
        }
        if let own = event.metadata {
            merged.merge(own) { _, new in new }
        }
        let line = LogLine(
            time: Timestamp.now(),
            level: event.level,
            label: label,
            message: event.message.description,
            metadata: merged
        )
        write(line.rendered(as: format) + "\n")
    }

    private static func toStandardError(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.write(STDERR_FILENO, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
                // A log that nobody takes must not stop the hub.
                guard count > 0 else { return }
                sent += count
            }
        }
    }
}
