/// Reads one command from one line.
///
/// The whole line is scanned first (RFC 8259, no raw line break, no member twice), then the members that the
/// command has are checked in the order of protocol.md; unknown members are skipped. The first fault is reported.
/// The `id` is in the fault wherever it was read before the line broke off, once and in range.
///
/// Bytes are taken to be UTF-8 (the WebSocket layer has checked). Isolation: a value for one loop; it keeps
/// scratch memory of the size of the largest line with escapes. Source: protocol.md, "Commands".
public struct CommandDecoder: ~Copyable {
    /// The sizes that commands must keep.
    public let limits: CommandLimits
    var members = MemberTable()
    var entry = MemberTable()
    var scratch = ByteScratch()

    /// A decoder.
    public init(limits: CommandLimits = CommandLimits()) {
        self.limits = limits
    }

    /// Reads a line. The command's views are valid until the next call, and no longer than the line's bytes.
    public mutating func decode(_ line: ByteView) throws(CommandFault) -> Command {
        scratch.reset(capacity: line.count)
        var id: Int64?
        do throws(ErrorReply) {
            do throws(ErrorReply) {
                try members.fill(from: line, limits: limits, lineBreaks: false, scratch: &scratch)
            } catch {
                id = try? identifier()
                throw error
            }
            let known = try identifier()
            id = known
            return Command(id: known, body: try body())
        } catch {
            throw CommandFault(id: id, error: error)
        }
    }

    private func identifier() throws(ErrorReply) -> Int64 {
        guard let id = try members.integer(.id, in: 1...CommandLimits.largestInteger) else {
            throw members.missing(.id)
        }
        return id
    }

    private mutating func body() throws(ErrorReply) -> CommandBody {
        let name = try members.requiredText(.cmd, scratch: &scratch)
        switch name.count {
        case 3 where name.equals("sub"): return .sub(try members.subFields(limits: limits, scratch: &scratch))
        case 4 where name.equals("send"): return .send(try members.sendFields(limits: limits, scratch: &scratch))
        case 4 where name.equals("ping"): return .ping
        case 4 where name.equals("read"): return try read()
        case 3 where name.equals("ask"): return try ask()
        case 4 where name.equals("auth"): return .auth(token: try credential(.token))
        case 5 where name.equals("unsub"): return .unsub(room: try members.room(scratch: &scratch))
        case 5 where name.equals("hello"): return .hello(try hello())
        case 6 where name.equals("signal"): return .signal(try members.signalFields(limits: limits, scratch: &scratch))
        case 7 where name.equals("history"):
            return .history(try members.historyFields(limits: limits, scratch: &scratch))
        case 8 where name.equals("presence"): return .presence(room: try members.room(scratch: &scratch))
        case 11 where name.equals("stream.open"):
            return .streamOpen(try members.streamOpenFields(limits: limits, scratch: &scratch))
        case 12 where name.equals("stream.close"):
            return .streamClose(try members.streamCloseFields(limits: limits, scratch: &scratch))
        case 13 where name.equals("stream.append"):
            return .streamAppend(try members.streamAppendFields(limits: limits, scratch: &scratch))
        case 13 where name.equals("stream.cancel"):
            return .streamCancel(stream: try members.stream(scratch: &scratch))
        default:
            if name.starts(with: "job."), let job = JobCommand.Name(rawValue: name[4..<name.count].string()) {
                return .job(try JobCommand(job, fields: members.text, limits: limits))
            }
            guard CommandName.isWellFormed(name) else {
                throw ErrorReply(.badRequest, "cmd is not the name of a command", field: "cmd")
            }
            return .unsupported(name: name)
        }
    }

    private mutating func ask() throws(ErrorReply) -> CommandBody {
        let room = try members.room(scratch: &scratch)
        guard let key = try members.key(scratch: &scratch) else { throw members.missing(.key) }
        guard let data = try members.data(limits) else { throw members.missing(.data) }
        guard members[.data]?.kind == .object else { throw members.wrongType(.data, "an object") }
        var inside = limits
        inside.members = .max
        do throws(ErrorReply) {
            try entry.fill(from: data, limits: inside, lineBreaks: true, scratch: &scratch)
            let text = try entry.requiredText(.text, scratch: &scratch)
            guard !text.isEmpty else { throw entry.missing(.text) }
            return .ask(AskFields(room: room, key: key, data: data, text: text))
        } catch {
            throw ErrorReply(error.code, "data: \(error.message)", field: "data")
        }
    }

    private mutating func read() throws(ErrorReply) -> CommandBody {
        let room = try members.room(scratch: &scratch)
        guard let upto = try members.integer(.upto, in: 0...CommandLimits.largestInteger) else {
            throw members.missing(.upto)
        }
        return .read(room: room, upto: upto)
    }
}
