/// Patterns of room names as they stand in a token's `rooms` claim: a name, or a beginning followed by `*`.
///
/// `ticket:*` names every ticket and the side rooms of each; `ticket:42` names that one and its side rooms.
public enum RoomPattern {
    /// Whether `pattern` names the room `name`.
    public static func matches(_ pattern: String, _ name: String) -> Bool {
        if pattern.utf8.last == UInt8(ascii: "*") {
            return name.utf8.starts(with: pattern.utf8.dropLast())
        }
        guard name.utf8.starts(with: pattern.utf8) else { return false }
        let rest = name.utf8.dropFirst(pattern.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }
}
