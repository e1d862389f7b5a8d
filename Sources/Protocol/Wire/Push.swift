/// Encodes what the hub sends without being asked. Each function appends one JSON object, compact, without a line
/// feed; members come in the order of protocol.md, "Pushes".
public enum Push {
    /// A kept event. Returns where `data` lies, counted from the object's first byte.
    public static func kept(
        room: String,
        offset: Int64,
        at: Int64,
        by: String,
        kind: String,
        key: String?,
        data: ByteView,
        into out: inout [UInt8]
    ) -> Range<Int> {
        let start = out.count
        begin(room, into: &out)
        JSONText.appendRaw(",\"offset\":", into: &out)
        JSONText.append(offset, into: &out)
        JSONText.appendRaw(",\"at\":", into: &out)
        JSONText.append(at, into: &out)
        JSONText.appendRaw(",\"by\":", into: &out)
        JSONText.appendString(by, into: &out)
        JSONText.appendRaw(",\"kind\":", into: &out)
        JSONText.appendString(kind, into: &out)
        if let key {
            JSONText.appendRaw(",\"key\":", into: &out)
            JSONText.appendString(key, into: &out)
        }
        JSONText.appendRaw(",\"data\":", into: &out)
        let lower = out.count - start
        out.append(data)
        let upper = out.count - start
        end(&out)
        return lower..<upper
    }

    /// A signal.
    public static func ephemeral(room: String, kind: String, by: String, data: ByteView?, into out: inout [UInt8]) {
        begin(room, into: &out)
        JSONText.appendRaw(",\"kind\":", into: &out)
        JSONText.appendString(kind, into: &out)
        JSONText.appendRaw(",\"by\":", into: &out)
        JSONText.appendString(by, into: &out)
        if let data {
            JSONText.appendRaw(",\"data\":", into: &out)
            out.append(data)
        }
        end(&out)
    }

    /// Who came and who left.
    public static func presence(room: String, join: [PersonInfo], leave: [String], into out: inout [UInt8]) {
        begin(room, into: &out)
        JSONText.appendRaw(",\"kind\":\"presence\",\"join\":", into: &out)
        PersonInfo.append(join, into: &out)
        JSONText.appendRaw(",\"leave\":", into: &out)
        JSONText.append(leave, into: &out)
        end(&out)
    }

    /// A read mark.
    public static func readMark(room: String, by: String, upto: Int64, into out: inout [UInt8]) {
        begin(room, into: &out)
        JSONText.appendRaw(",\"kind\":\"read\",\"by\":", into: &out)
        JSONText.appendString(by, into: &out)
        JSONText.appendRaw(",\"upto\":", into: &out)
        JSONText.append(upto, into: &out)
        end(&out)
    }

    /// The durable watermark.
    public static func durable(room: String, offset: Int64, into out: inout [UInt8]) {
        begin(room, into: &out)
        JSONText.appendRaw(",\"durable\":", into: &out)
        JSONText.append(offset, into: &out)
        end(&out)
    }

    /// The reader is out of the room.
    public static func gone(room: String, code: ErrorCode, into out: inout [UInt8]) {
        begin(room, into: &out)
        JSONText.appendRaw(",\"gone\":{\"code\":", into: &out)
        JSONText.appendString(code.rawValue, into: &out)
        JSONText.appendRaw("}}", into: &out)
    }

    /// The token ends soon.
    public static func expiring(inMilliseconds remaining: Int64, into out: inout [UInt8]) {
        JSONText.appendRaw("{\"expiring\":{\"in\":", into: &out)
        JSONText.append(remaining, into: &out)
        JSONText.appendRaw("}}", into: &out)
    }

    /// The hub is about to stop. Both in ms.
    public static func drain(reconnectAfter: Int64, deadline: Int64, into out: inout [UInt8]) {
        JSONText.appendRaw("{\"drain\":{\"reconnect_after\":", into: &out)
        JSONText.append(reconnectAfter, into: &out)
        JSONText.appendRaw(",\"deadline\":", into: &out)
        JSONText.append(deadline, into: &out)
        JSONText.appendRaw("}}", into: &out)
    }

    private static func begin(_ room: String, into out: inout [UInt8]) {
        // Most fit into this much: a new array is allocated once.
        if out.capacity == 0 { out.reserveCapacity(192) }
        JSONText.appendRaw("{\"room\":", into: &out)
        JSONText.appendString(room, into: &out)
    }

    private static func end(_ out: inout [UInt8]) {
        out.append(UInt8(ascii: "}"))
    }
}

extension PersonInfo {
    /// Appends a list of people.
    static func append(_ people: [PersonInfo], into out: inout [UInt8]) {
        JSONText.appendList(people, into: &out) { person, out in
            JSONText.appendRaw("{\"user\":", into: &out)
            JSONText.appendString(person.user, into: &out)
            JSONText.appendRaw(",\"name\":", into: &out)
            JSONText.appendString(person.name, into: &out)
            JSONText.appendRaw(",\"roles\":", into: &out)
            JSONText.append(person.roles, into: &out)
            JSONText.appendRaw(",\"since\":", into: &out)
            JSONText.append(person.since, into: &out)
            out.append(UInt8(ascii: "}"))
        }
    }
}
