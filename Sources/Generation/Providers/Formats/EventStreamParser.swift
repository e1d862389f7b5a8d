/// Server-sent events, as the HTML standard's *Server-sent events* has them:
///
///     stream = [BOM] *( comment / field / dispatch )
///     comment = ":" anything          field = name [ ":" [" "] value ]          dispatch = an empty line
///
/// `data` fields of an event are joined with LF; of the others only `event` counts. An event without a closing empty line is
/// dropped at the end of the stream, as browsers do.
struct EventStreamParser {
    /// One event.
    struct Event: Equatable {
        /// The `event` field; empty where there was none.
        var name: String
        /// The joined `data`.
        var data: [UInt8]
    }

    private var lines: LineParser
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var isFirstLine = true
    private var eventTooLong = false

    /// `limit` bounds a line, and the data of an event.
    init(limit: Int = 1 << 20) {
        lines = LineParser(limit: limit)
    }

    /// Whether a line or an event was over the limit; nothing is read any more.
    var isTooLong: Bool { lines.isTooLong || eventTooLong }

    /// Takes a piece and gives the events that it completes.
    mutating func read(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        var parser = lines
        parser.read(bytes) { line in
            if let event = take(line) { events.append(event) }
        }
        lines = parser
        return events
    }

    private mutating func take(_ line: [UInt8]) -> Event? {
        var line = line[...]
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xef, 0xbb, 0xbf]) { line = line.dropFirst(3) }
        }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        guard colon > line.startIndex else { return nil }
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data":
            guard data.count + value.count < lines.limit else {
                eventTooLong = true
                return nil
            }
            if hasData { data.append(0x0a) }
            hasData = true
            data.append(contentsOf: value)
        case "event": name = String(decoding: value, as: UTF8.self)
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer {
            name = ""
            data = []
            hasData = false
        }
        return hasData && !eventTooLong ? Event(name: name, data: data) : nil
    }
}
