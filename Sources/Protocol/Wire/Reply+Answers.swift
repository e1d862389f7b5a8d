extension ErrorReply {
    /// Appends the object behind `"error":`.
    public func append(into out: inout [UInt8]) {
        JSONText.appendRaw("{\"code\":", into: &out)
        JSONText.appendString(code.rawValue, into: &out)
        JSONText.appendRaw(",\"message\":", into: &out)
        JSONText.appendString(message, into: &out)
        if let field {
            JSONText.appendRaw(",\"field\":", into: &out)
            JSONText.appendString(field, into: &out)
        }
        if let retryAfter {
            JSONText.appendRaw(",\"retry_after\":", into: &out)
            JSONText.append(Int64(retryAfter), into: &out)
        }
        if let current {
            JSONText.appendRaw(",\"current\":", into: &out)
            out.append(contentsOf: current)
        }
        out.append(UInt8(ascii: "}"))
    }
}

extension SubAnswer {
    /// Appends the object behind `"ok":`.
    public func append(into out: inout [UInt8]) {
        JSONText.appendRaw("{\"epoch\":", into: &out)
        JSONText.appendString(epoch, into: &out)
        JSONText.appendRaw(",\"head\":", into: &out)
        JSONText.append(head, into: &out)
        JSONText.appendRaw(",\"durable\":", into: &out)
        JSONText.append(durable, into: &out)
        JSONText.appendRaw(",\"recovered\":", into: &out)
        JSONText.append(recovered, into: &out)
        if let truncatedTo {
            JSONText.appendRaw(",\"truncated_to\":", into: &out)
            JSONText.append(truncatedTo, into: &out)
        }
        JSONText.appendRaw(",\"events\":", into: &out)
        JSONText.appendList(events, into: &out) { $1.append(contentsOf: $0) }
        JSONText.appendRaw(",\"more\":", into: &out)
        JSONText.append(more, into: &out)
        JSONText.appendRaw(",\"streams\":", into: &out)
        JSONText.appendList(streams, into: &out) { $1.append(contentsOf: $0) }
        JSONText.appendRaw(",\"reads\":", into: &out)
        JSONText.appendMap(reads, into: &out) { JSONText.append($0, into: &$1) }
        if let presence {
            JSONText.appendRaw(",\"presence\":", into: &out)
            PersonInfo.append(presence, into: &out)
        }
        out.append(UInt8(ascii: "}"))
    }
}

extension HelloAnswer {
    /// Appends the object behind `"ok":`.
    public func append(into out: inout [UInt8]) {
        JSONText.appendRaw("{\"user\":", into: &out)
        JSONText.appendString(user, into: &out)
        JSONText.appendRaw(",\"roles\":", into: &out)
        JSONText.append(roles, into: &out)
        JSONText.appendRaw(",\"session\":", into: &out)
        JSONText.appendString(session, into: &out)
        JSONText.appendRaw(",\"now\":", into: &out)
        JSONText.append(now, into: &out)
        JSONText.appendRaw(",\"ping\":", into: &out)
        JSONText.append(ping, into: &out)
        JSONText.appendRaw(",\"expires\":", into: &out)
        JSONText.append(expires, into: &out)
        JSONText.appendRaw(",\"limits\":", into: &out)
        limits.append(into: &out)
        if hasAssistant { JSONText.appendRaw(",\"assistant\":true", into: &out) }
        JSONText.appendRaw(",\"rooms\":", into: &out)
        JSONText.appendMap(rooms, into: &out) { result, out in
            switch result {
            case .success(let answer):
                JSONText.appendRaw("{\"ok\":", into: &out)
                answer.append(into: &out)
            case .failure(let error):
                JSONText.appendRaw("{\"error\":", into: &out)
                error.append(into: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
        out.append(UInt8(ascii: "}"))
    }
}

extension HelloAnswer.Limits {
    fileprivate func append(into out: inout [UInt8]) {
        let members: [(String, Int)] = [
            ("frame", frame), ("data", data), ("rooms", rooms), ("key", key), ("history", history), ("stream", stream),
        ]
        JSONText.appendMap(members, into: &out) { JSONText.append(Int64($0), into: &$1) }
    }
}
