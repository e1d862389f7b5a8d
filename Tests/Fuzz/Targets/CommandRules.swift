@testable import HubProtocol

/// What holds for every command and every refusal, whatever was sent.
enum CommandRules {
    static func check(_ command: Command, _ limits: CommandLimits) throws(BrokenPromise) {
        try hold((1...CommandLimits.largestInteger).contains(command.id), "an id out of range")
        switch command.body {
        case .send(let fields):
            try check(kind: fields.kind)
            try check(data: fields.data, limits)
            try hold((1...64).contains(fields.key?.count ?? 1), "a key of another length")
        case .signal(let fields):
            try check(kind: fields.kind)
            if let data = fields.data { try check(data: data, limits) }
        case .sub(let fields): try check(fields, limits)
        case .history(let fields): try hold((0...limits.page).contains(fields.limit), "a page over the limit")
        case .hello(let fields):
            try hold(fields.rooms.count <= limits.rooms, "more rooms than the limit")
            for room in fields.rooms {
                switch room.request {
                case .success(let request): try check(request, limits)
                case .failure(let error): try check(error)
                }
            }
        default: break
        }
    }

    private static func check(_ fields: SubFields, _ limits: CommandLimits) throws(BrokenPromise) {
        try hold((0...limits.page).contains(fields.limit), "a page over the limit")
        try hold((0...CommandLimits.largestInteger).contains(fields.since ?? 0), "an offset out of range")
        try hold(fields.epoch != nil || fields.since ?? 0 == 0, "since without its epoch")
        try hold((1...128).contains(fields.room.bytes.count), "a room's name of another length")
    }

    private static func check(kind: ByteView) throws(BrokenPromise) {
        try hold(Kind.isWellFormed(kind) && !Kind.isReserved(kind), "a kind that may not be sent")
    }

    private static func check(data: ByteView, _ limits: CommandLimits) throws(BrokenPromise) {
        try hold(data.count <= limits.dataBytes, "data over the limit")
        try hold(JSONText.isValid(data, requireUTF8: false, depth: limits.depth), "data that is no JSON")
    }

    static func check(_ error: ErrorReply) throws(BrokenPromise) {
        var line: [UInt8] = []
        Reply.error(id: nil, error, into: &line)
        try hold(!line.contains(10) && !line.contains(13), "a refusal of more than a line")
        try hold(JSONTree.read(line, depth: 3) != nil, "a refusal that is no JSON")
        try hold(!error.message.isEmpty, "a refusal that says nothing")
        try hold(error.message.utf8.count <= 256, "a refusal that repeats what was sent")
        try hold((error.field ?? "").utf8.count <= 3 * 64, "a field longer than any name")
    }

    /// Everything that a command holds, in words; also of commands that this file does not know.
    static func description(of value: Any) -> String {
        switch value {
        case let view as ByteView: return view.array().description
        case let room as RoomText: return room.bytes.array().description
        case let text as String: return text
        default: break
        }
        let children = Mirror(reflecting: value).children
        guard !children.isEmpty else { return "\(value)" }
        return "(" + children.map { "\($0.label ?? "")=\(description(of: $0.value))" }.joined(separator: " ") + ")"
    }
}
