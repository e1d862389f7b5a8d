/// Names of commands that this hub does not serve.
///
/// A name that is well-formed but not served is answered `unsupported`, field `cmd`, whether the contract has it
/// for a later step or nobody ever heard of it: a client newer than the hub then learns which, and is not counted
/// among the malformed. What cannot be a name at all is `bad_request`.
enum CommandName {
    /// 1–64 bytes of `[a-z0-9_.]`; such a name can be repeated to the peer.
    static func isWellFormed(_ name: ByteView) -> Bool {
        guard (1...64).contains(name.count) else { return false }
        for index in 0..<name.count {
            guard ByteSet.kind.contains(name[index]), name[index] != UInt8(ascii: "-") else { return false }
        }
        return true
    }

    /// Whether the contract has the name.
    static func isPlanned(_ name: ByteView) -> Bool {
        name.starts(with: "desk.")
    }
}

extension ErrorReply {
    /// The answer to a `CommandBody.unsupported`.
    public static func unsupported(command name: ByteView) -> ErrorReply {
        let sentence =
            CommandName.isPlanned(name)
            ? "this hub does not serve \(name.string())"
            : "there is no command \(name.string())"
        return ErrorReply(.unsupported, sentence, field: "cmd")
    }
}
