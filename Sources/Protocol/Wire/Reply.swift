/// Encodes answers to commands: `{"id":…,"ok":{…}}` or `{"id":…,"error":{…}}`, one object, compact, without a line
/// feed; members come in the order of protocol.md, "Commands".
public enum Reply {
    /// A refusal; `id` is nil where none could be read.
    public static func error(id: Int64?, _ error: ErrorReply, into out: inout [UInt8]) {
        makeRoom(in: &out)
        JSONText.appendRaw("{\"id\":", into: &out)
        if let id { JSONText.append(id, into: &out) } else { JSONText.appendRaw("null", into: &out) }
        JSONText.appendRaw(",\"error\":", into: &out)
        error.append(into: &out)
        out.append(UInt8(ascii: "}"))
    }

    /// Most answers fit into this much, so that a new array is allocated once and not at 32, 64 and 128 bytes.
    private static let usualLength = 128

    private static func makeRoom(in out: inout [UInt8]) {
        if out.capacity == 0 { out.reserveCapacity(usualLength) }
    }

    /// An answer whose `ok` value is what `body` appends.
    @inline(__always)
    public static func ok(id: Int64, into out: inout [UInt8], body: (inout [UInt8]) -> Void) {
        makeRoom(in: &out)
        JSONText.appendRaw("{\"id\":", into: &out)
        JSONText.append(id, into: &out)
        JSONText.appendRaw(",\"ok\":", into: &out)
        body(&out)
        out.append(UInt8(ascii: "}"))
    }

    /// To `unsub`, `signal` and `read`: `{}`.
    public static func empty(id: Int64, into out: inout [UInt8]) {
        ok(id: id, into: &out) { JSONText.appendRaw("{}", into: &$0) }
    }

    /// To `hello`.
    public static func hello(id: Int64, _ answer: HelloAnswer, into out: inout [UInt8]) {
        ok(id: id, into: &out) { answer.append(into: &$0) }
    }

    /// To `auth`. `expires` in ms since 1970 UTC.
    public static func auth(id: Int64, expires: Int64, roles: [String], into out: inout [UInt8]) {
        ok(id: id, into: &out) { out in
            JSONText.appendRaw("{\"expires\":", into: &out)
            JSONText.append(expires, into: &out)
            JSONText.appendRaw(",\"roles\":", into: &out)
            JSONText.append(roles, into: &out)
            out.append(UInt8(ascii: "}"))
        }
    }

    /// To `sub`.
    public static func sub(id: Int64, _ answer: SubAnswer, into out: inout [UInt8]) {
        ok(id: id, into: &out) { answer.append(into: &$0) }
    }

    /// To `send`. `at` in ms since 1970 UTC; `duplicate` is written only where it is true.
    public static func send(
        id: Int64,
        offset: Int64,
        epoch: String,
        at: Int64,
        duplicate: Bool,
        into out: inout [UInt8]
    ) {
        ok(id: id, into: &out) { out in
            JSONText.appendRaw("{\"offset\":", into: &out)
            JSONText.append(offset, into: &out)
            JSONText.appendRaw(",\"epoch\":", into: &out)
            JSONText.appendString(epoch, into: &out)
            JSONText.appendRaw(",\"at\":", into: &out)
            JSONText.append(at, into: &out)
            if duplicate { JSONText.appendRaw(",\"duplicate\":true", into: &out) }
            out.append(UInt8(ascii: "}"))
        }
    }

    /// To `history`; `events` are encoded lines of `Push.kept`, ascending.
    public static func history(id: Int64, events: [[UInt8]], more: Bool, epoch: String, into out: inout [UInt8]) {
        ok(id: id, into: &out) { appendHistory(events: events, more: more, epoch: epoch, into: &$0) }
    }

    /// The `ok` object of `history` alone, for HTTP.
    public static func appendHistory(events: [[UInt8]], more: Bool, epoch: String, into out: inout [UInt8]) {
        JSONText.appendRaw("{\"events\":", into: &out)
        JSONText.appendList(events, into: &out) { $1.append(contentsOf: $0) }
        JSONText.appendRaw(",\"more\":", into: &out)
        JSONText.append(more, into: &out)
        JSONText.appendRaw(",\"epoch\":", into: &out)
        JSONText.appendString(epoch, into: &out)
        out.append(UInt8(ascii: "}"))
    }

    /// To `presence`.
    public static func presence(id: Int64, people: [PersonInfo], into out: inout [UInt8]) {
        ok(id: id, into: &out) { out in
            JSONText.appendRaw("{\"people\":", into: &out)
            PersonInfo.append(people, into: &out)
            out.append(UInt8(ascii: "}"))
        }
    }

    /// To `ping`. `now` in ms since 1970 UTC; `heads` of the connection's rooms.
    public static func ping(id: Int64, now: Int64, heads: [(room: String, head: Int64)], into out: inout [UInt8]) {
        ok(id: id, into: &out) { out in
            JSONText.appendRaw("{\"now\":", into: &out)
            JSONText.append(now, into: &out)
            JSONText.appendRaw(",\"heads\":", into: &out)
            JSONText.appendMap(heads, into: &out) { JSONText.append($0, into: &$1) }
            out.append(UInt8(ascii: "}"))
        }
    }
}
