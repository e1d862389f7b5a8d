@testable import HubProtocol

/// Lines through `CommandDecoder` and bodies through `PostedEvent`: what comes out is within the limits; members in another
/// order and strings escaped otherwise mean the same; a refusal of well-formed JSON names its member; the answer is one line
/// of JSON.
///
/// Input: settings (bit 0: tight limits), the frame's text.
enum CommandFuzz {
    static func run(_ input: [UInt8]) throws(BrokenPromise) {
        var reader = FuzzInput(input)
        var limits = CommandLimits()
        if reader.byte() & 1 == 1 {
            limits.dataBytes = 24
            limits.rooms = 2
            limits.members = 7
            limits.credentialBytes = 12
            limits.depth = 4
        }
        let text = reader.rest()
        var decoder = CommandDecoder(limits: limits)
        try Lent.view(text) { view throws(BrokenPromise) in
            for line in LineSplitter(view) {
                try hold(line.firstIndex(of: UInt8(ascii: "\n")) == nil && !line.isEmpty, "a line that is none")
                try Lent.view(line.array()) { line throws(BrokenPromise) in
                    try check(line, limits, &decoder)
                }
            }
            try PostedFuzz.check(view, limits)
        }
    }

    private static func check(
        _ line: ByteView,
        _ limits: CommandLimits,
        _ decoder: inout CommandDecoder
    ) throws(BrokenPromise) {
        let outcome = try decoded(line, limits, &decoder)
        var fresh = CommandDecoder(limits: limits)
        try hold(try decoded(line, limits, &fresh) == outcome, "a used decoder reads it differently")
        guard let object = try? JSONObject(line, depth: limits.depth), !line.withUnsafeBytes({ $0.contains(13) }) else {
            if case .refused(_, let error) = outcome { return try CommandRules.check(error) }
            return
        }
        if case .refused(let id, let error) = outcome {
            try CommandRules.check(error)
            let isCrowded = object.names.count > limits.members
            try hold(error.field != nil || isCrowded, "a refusal without a field: \(error.message)")
            let known = object.integer("id").flatMap { (1...CommandLimits.largestInteger).contains($0) ? $0 : nil }
            try hold(id == known, "answered to another id")
        }
        let other = reordered(object)
        try Lent.view(other) { other throws(BrokenPromise) in
            let again = try decoded(other, limits, &decoder)
            try hold(again == outcome, "in another order it is \(again), not \(outcome)")
        }
    }

    /// A command or a refusal, as something that outlives its line.
    enum Outcome: Equatable {
        case command(String)
        case refused(id: Int64?, ErrorReply)

        /// What is said of the place of a fault may differ.
        static func == (left: Outcome, right: Outcome) -> Bool {
            switch (left, right) {
            case (.command(let one), .command(let other)): one.utf8.elementsEqual(other.utf8)
            case (.refused(let id, let error), .refused(let otherID, let otherError)):
                id == otherID && error.code == otherError.code && error.field == otherError.field
            default: false
            }
        }
    }

    private static func decoded(
        _ line: ByteView,
        _ limits: CommandLimits,
        _ decoder: inout CommandDecoder
    ) throws(BrokenPromise) -> Outcome {
        let command: Command
        do throws(CommandFault) {
            command = try decoder.decode(line)
        } catch {
            return .refused(id: error.id, error.error)
        }
        try CommandRules.check(command, limits)
        return .command(CommandRules.description(of: command))
    }

    /// Members that a decoder leaves as they were written, whatever they are.
    private static let untouched: Set<String> = ["data", "error"]

    /// The same members from the last to the first, strings written with as few escapes as can be.
    private static func reordered(_ object: JSONObject) -> [UInt8] {
        var writer = JSONObjectWriter()
        for name in object.names.reversed() {
            if !untouched.contains(name), let text = object.string(name) {
                writer.member(name, text)
            } else if let raw = object.raw(name) {
                writer.member(name, raw: raw.array())
            }
        }
        return writer.finish()
    }
}

/// Bodies of `POST …/events`.
private enum PostedFuzz {
    static func check(_ body: ByteView, _ limits: CommandLimits) throws(BrokenPromise) {
        let event: PostedEvent
        do throws(ErrorReply) {
            event = try PostedEvent(body: body, limits: limits)
        } catch {
            return try CommandRules.check(error)
        }
        try hold(event.data.count <= limits.dataBytes, "data over the limit")
        try hold(!event.data.contains(10) && !event.data.contains(13), "data of more than a line")
        try hold(JSONTree.read(event.data, depth: 64) != nil, "data that is no JSON")
        try hold((1...64).contains(event.key?.utf8.count ?? 1), "a key of another length")
        try hold((1...64).contains(event.kind.utf8.count), "a kind of another length")
    }
}
