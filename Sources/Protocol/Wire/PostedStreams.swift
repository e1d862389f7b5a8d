/// The body of `POST /api/v1/streams`: the fields of `stream.open`, owned.
public struct PostedStream: Sendable, Equatable {
    /// Where the stream is shown.
    public let room: RoomName
    /// The producer's id of it.
    public let stream: String
    /// What readers see above it.
    public let title: String?
    /// A JSON object on one line.
    public let meta: [UInt8]?
    /// Which attempt, where the producer says.
    public let attempt: Int64?
    /// The ticket's owner epoch that the producer knows.
    public let ownerEpoch: Int64?

    /// Reads a body. Errors: those of `stream.open`.
    public init(body: ByteView, limits: CommandLimits = CommandLimits()) throws(ErrorReply) {
        var scratch = ByteScratch()
        let members = try MemberTable(body: body, limits: limits, scratch: &scratch)
        let fields = try members.streamOpenFields(limits: limits, scratch: &scratch)
        room = RoomName(fields.room)
        stream = fields.stream.string()
        title = fields.title?.string()
        meta = fields.meta.map { JSONText.removeLineBreaks($0) }
        attempt = fields.attempt
        ownerEpoch = fields.ownerEpoch
    }
}

/// The body of `POST /api/v1/streams/{id}/append`: the fields of `stream.append` but the id, owned.
public struct PostedTokens: Sendable, Equatable {
    /// The attempt they belong to, where the producer says.
    public let attempt: Int64?
    /// The index of the first one.
    public let from: Int64
    /// The tokens.
    public let tokens: StreamTokens

    /// Reads a body. Errors: those of `stream.append`.
    public init(body: ByteView, limits: CommandLimits = CommandLimits()) throws(ErrorReply) {
        var scratch = ByteScratch()
        let members = try MemberTable(body: body, limits: limits, scratch: &scratch)
        attempt = try members.attempt()
        from = try members.from()
        tokens = try members.tokens(limits: limits, scratch: &scratch)
    }
}

/// The body of `POST /api/v1/streams/{id}/close`: the fields of `stream.close` but the id, owned.
public struct PostedEnding: Sendable, Equatable {
    /// How it ended and what is kept of that.
    public let ending: StreamEnding

    /// Reads a body. Errors: those of `stream.close`.
    public init(body: ByteView, limits: CommandLimits = CommandLimits()) throws(ErrorReply) {
        var scratch = ByteScratch()
        let members = try MemberTable(body: body, limits: limits, scratch: &scratch)
        let fields = try members.streamEnding(limits: limits, scratch: &scratch)
        var ending = StreamEnding(fields.state)
        ending.usage = fields.usage.map { JSONText.removeLineBreaks($0) }
        ending.error = fields.error.map { JSONText.removeLineBreaks($0) }
        self.ending = ending
    }
}

/// An id of a stream that came in a path.
public enum StreamID {
    /// Checks it. Errors: `bad_request`, field `stream`.
    public static func check(_ id: String) throws(ErrorReply) {
        let bytes = [UInt8](id.utf8)
        let fault: ErrorReply? = bytes.withUnsafeBytes { buffer in
            do throws(ErrorReply) {
                try MemberTable.checkStream(ByteView(buffer))
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
    }
}

extension MemberTable {
    /// The members of an HTTP body: UTF-8 is checked, line breaks between values are allowed.
    init(body: ByteView, limits: CommandLimits, scratch: inout ByteScratch) throws(ErrorReply) {
        do throws(JSONFault) {
            try JSONText.checkUTF8(body)
        } catch {
            throw ErrorReply(.badRequest, error.sentence)
        }
        self.init()
        scratch.reset(capacity: body.count)
        try fill(from: body, limits: limits, lineBreaks: true, scratch: &scratch)
    }
}
