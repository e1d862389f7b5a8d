/// What the load writes into every message so that each delivery can be checked on its own:
/// sender (4 digits), the sender's count (10), when it was due (19, monotonic nanoseconds), then filling.
///
/// "Due" is when the schedule wanted the message sent, not when the load got round to it: latencies counted from
/// there leave out no time in which a stalled server kept the load from sending (coordinated omission).
struct Stamp: Equatable {
    var sender: Int
    var sequence: Int
    var due: UInt64

    /// The least a message can hold, two spaces and the final one included.
    static let length = 4 + 1 + 10 + 1 + 19 + 1

    func text(padding: String) -> String {
        "\(Stamp.digits(UInt64(sender), 4)) \(Stamp.digits(UInt64(sequence), 10)) \(Stamp.digits(due, 19)) \(padding)"
    }

    /// nil where these bytes are something else.
    static func read(_ bytes: UnsafeRawBufferPointer) -> Stamp? {
        guard bytes.count >= length, bytes[4] == 32, bytes[15] == 32, bytes[35] == 32,
            let sender = number(bytes, 0..<4), let sequence = number(bytes, 5..<15), let due = number(bytes, 16..<35)
        else { return nil }
        return Stamp(sender: Int(sender), sequence: Int(sequence), due: due)
    }

    private static func digits(_ value: UInt64, _ count: Int) -> String {
        let text = String(value)
        precondition(text.utf8.count <= count, "\(value) has more than \(count) digits")
        return String(repeating: "0", count: count - text.utf8.count) + text
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for index in range {
            let digit = bytes[index] &- 48
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ UInt64(digit)
        }
        return value
    }
}
