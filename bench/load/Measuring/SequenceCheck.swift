/// What one subscriber has seen of each sender: refuses gaps, repeats and wrong order.
struct SequenceCheck {
    private var seen: ContiguousArray<Int>

    init(senders: Int = 1) {
        seen = ContiguousArray(repeating: 0, count: senders)
    }

    /// Every sender counts from 1.
    mutating func accept(_ stamp: Stamp) throws(LoadError) {
        guard seen.indices.contains(stamp.sender) else {
            throw LoadError("a message of nobody: sender \(stamp.sender)")
        }
        try SequenceCheck.follow(stamp.sequence, after: &seen[stamp.sender], "message of sender \(stamp.sender)")
    }

    /// Takes `next` where it is the one after `last`.
    static func follow(_ next: Int, after last: inout Int, _ what: @autoclosure () -> String) throws(LoadError) {
        guard next == last + 1 else {
            let fault = next <= last ? "repeated, or out of order" : "\(next - last - 1) missing before it"
            throw LoadError("\(what()): \(next) came after \(last): \(fault)")
        }
        last = next
    }
}

/// Something that makes the figures worthless, said in a sentence.
struct LoadError: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) {
        description = sentence
    }
}
