/// What streams push between their two kept events.
extension Push {
    /// Growth: the tokens `from`…`to`. `text` is whole Unicode scalars, UTF-8.
    public static func delta(
        room: String,
        stream: String,
        attempt: Int64,
        from: Int64,
        to: Int64,
        text: ByteView,
        into out: inout [UInt8]
    ) {
        begin(room, kind: "delta", stream: stream, into: &out)
        JSONText.appendRaw(",\"attempt\":", into: &out)
        JSONText.append(attempt, into: &out)
        JSONText.appendRaw(",\"from\":", into: &out)
        JSONText.append(from, into: &out)
        JSONText.appendRaw(",\"to\":", into: &out)
        JSONText.append(to, into: &out)
        JSONText.appendRaw(",\"text\":", into: &out)
        JSONText.appendString(text, into: &out)
        out.append(UInt8(ascii: "}"))
    }

    /// The whole text so far: replaces what a reader has. Also an element of `streams` in the answer to `sub`.
    public static func snapshot(
        room: String,
        stream: String,
        attempt: Int64,
        to: Int64,
        text: ByteView,
        into out: inout [UInt8]
    ) {
        begin(room, kind: "snapshot", stream: stream, into: &out)
        JSONText.appendRaw(",\"attempt\":", into: &out)
        JSONText.append(attempt, into: &out)
        JSONText.appendRaw(",\"to\":", into: &out)
        JSONText.append(to, into: &out)
        JSONText.appendRaw(",\"text\":", into: &out)
        JSONText.appendString(text, into: &out)
        JSONText.appendRaw(",\"state\":\"open\"}", into: &out)
    }

    /// What a stream has taken so far; `data` is a JSON object.
    public static func usage(room: String, stream: String, data: [UInt8], into out: inout [UInt8]) {
        begin(room, kind: "usage", stream: stream, into: &out)
        JSONText.appendRaw(",\"data\":", into: &out)
        out.append(contentsOf: data)
        out.append(UInt8(ascii: "}"))
    }

    /// To a stream's producer: somebody asks for it to stop.
    public static func cancel(stream: String, by: String, into out: inout [UInt8]) {
        JSONText.appendRaw("{\"stream\":", into: &out)
        JSONText.appendString(stream, into: &out)
        JSONText.appendRaw(",\"cancel\":{\"by\":", into: &out)
        JSONText.appendString(by, into: &out)
        JSONText.appendRaw("}}", into: &out)
    }

    private static func begin(_ room: String, kind: StaticString, stream: String, into out: inout [UInt8]) {
        JSONText.appendRaw("{\"room\":", into: &out)
        JSONText.appendString(room, into: &out)
        JSONText.appendRaw(",\"kind\":\"", into: &out)
        JSONText.appendRaw(kind, into: &out)
        JSONText.appendRaw("\",\"stream\":", into: &out)
        JSONText.appendString(stream, into: &out)
    }
}
