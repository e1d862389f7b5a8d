/// The rules for an event's kind.
///
/// 1–64 bytes of `[a-z0-9_.-]`. Some names and prefixes belong to the hub. Source: protocol.md, "Commands".
public enum Kind {
    /// The longest kind, in bytes.
    public static let longest = 64

    /// Whether the bytes are a kind at all.
    public static func isWellFormed(_ kind: ByteView) -> Bool {
        guard (1...longest).contains(kind.count) else { return false }
        for index in 0..<kind.count where !ByteSet.kind.contains(kind[index]) { return false }
        return true
    }

    /// Whether only the hub may publish the kind.
    public static func isReserved(_ kind: ByteView) -> Bool {
        switch kind.count {
        case 3: kind.equals("job")
        case 4: kind.equals("read") || hasReservedPrefix(kind)
        case 5: kind.equals("delta") || kind.equals("usage") || hasReservedPrefix(kind)
        case 6: kind.equals("stream") || kind.equals("status") || hasReservedPrefix(kind)
        default:
            kind.equals("snapshot") || kind.equals("presence") || kind.equals("message_received")
                || kind.equals("status_changed") || kind.equals("priority_changed") || kind.equals("sla_breached")
                || hasReservedPrefix(kind)
        }
    }

    private static func hasReservedPrefix(_ kind: ByteView) -> Bool {
        kind.starts(with: "ticket_") || kind.starts(with: "desk.") || kind.starts(with: "map.")
            || kind.starts(with: "sys.")
    }

    /// Checks what a client sends or signals. Errors: `bad_request` or, for the hub's own kinds, `forbidden`;
    /// field `kind`.
    public static func check(_ kind: ByteView) throws(ErrorReply) {
        guard isWellFormed(kind) else {
            throw ErrorReply(.badRequest, "a kind has 1 to 64 bytes of a-z 0-9 _ . -", field: "kind")
        }
        guard !isReserved(kind) else {
            throw ErrorReply(.forbidden, "that kind is reserved for the hub", field: "kind")
        }
    }
}
