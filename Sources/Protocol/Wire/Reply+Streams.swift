/// Answers to the commands about streams.
extension Reply {
    /// To `stream.open`: the offset of the opening event, the index of the next token that is missing, the attempt.
    public static func streamOpen(id: Int64, offset: Int64, next: Int64, attempt: Int64, into out: inout [UInt8]) {
        ok(id: id, into: &out) { appendStreamOpen(offset: offset, next: next, attempt: attempt, into: &$0) }
    }

    /// The `ok` object of `stream.open` alone, for HTTP.
    public static func appendStreamOpen(offset: Int64, next: Int64, attempt: Int64, into out: inout [UInt8]) {
        JSONText.appendRaw("{\"offset\":", into: &out)
        JSONText.append(offset, into: &out)
        JSONText.appendRaw(",\"next\":", into: &out)
        JSONText.append(next, into: &out)
        JSONText.appendRaw(",\"attempt\":", into: &out)
        JSONText.append(attempt, into: &out)
        out.append(UInt8(ascii: "}"))
    }

    /// To `stream.append`: the index of the next token, and of the first that is not on disk.
    public static func streamAppend(id: Int64, next: Int64, durable: Int64, into out: inout [UInt8]) {
        ok(id: id, into: &out) { appendStreamAppend(next: next, durable: durable, into: &$0) }
    }

    /// The `ok` object of `stream.append` alone, for HTTP.
    public static func appendStreamAppend(next: Int64, durable: Int64, into out: inout [UInt8]) {
        JSONText.appendRaw("{\"next\":", into: &out)
        JSONText.append(next, into: &out)
        JSONText.appendRaw(",\"durable\":", into: &out)
        JSONText.append(durable, into: &out)
        out.append(UInt8(ascii: "}"))
    }

    /// To `stream.close`: the offset of the ending event.
    public static func streamClose(id: Int64, offset: Int64, into out: inout [UInt8]) {
        ok(id: id, into: &out) { appendStreamClose(offset: offset, into: &$0) }
    }

    /// The `ok` object of `stream.close` alone, for HTTP.
    public static func appendStreamClose(offset: Int64, into out: inout [UInt8]) {
        JSONText.appendRaw("{\"offset\":", into: &out)
        JSONText.append(offset, into: &out)
        out.append(UInt8(ascii: "}"))
    }

    /// To `ask`: what the question was given, and the stream of its answer.
    public static func ask(
        id: Int64,
        offset: Int64,
        epoch: String,
        at: Int64,
        stream: String,
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
            JSONText.appendRaw(",\"stream\":", into: &out)
            JSONText.appendString(stream, into: &out)
            if duplicate { JSONText.appendRaw(",\"duplicate\":true", into: &out) }
            out.append(UInt8(ascii: "}"))
        }
    }
}
