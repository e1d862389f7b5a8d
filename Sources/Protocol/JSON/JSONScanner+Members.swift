/// Walking through one container: `beginObject`, then `nextMember` and `value` in turn; or `beginArray`, then
/// `nextElement` and `value`.
extension JSONScanner {
    /// Steps into the object that the text is to be.
    mutating func beginObject() throws(JSONFault) {
        try begin(UInt8(ascii: "{"), orElse: .notAnObject)
    }

    /// Steps into the array that the text is to be.
    mutating func beginArray() throws(JSONFault) {
        try begin(UInt8(ascii: "["), orElse: .unexpectedByte)
    }

    private mutating func begin(_ bracket: UInt8, orElse reason: JSONFault.Reason) throws(JSONFault) {
        try skipWhitespace()
        guard try peek() == bracket else { throw JSONFault(reason, at: position) }
        guard depthLimit > 0 else { throw JSONFault(.tooDeep, at: position) }
        position += 1
    }

    /// Scans up to the next member's value and returns its name; nil behind the object's end.
    mutating func nextMember(isFirst: Bool) throws(JSONFault) -> JSONToken? {
        try next(UInt8(ascii: "}"), isFirst) ? try name() : nil
    }

    /// Scans up to the next element; false behind the array's end.
    mutating func nextElement(isFirst: Bool) throws(JSONFault) -> Bool {
        try next(UInt8(ascii: "]"), isFirst)
    }

    @inline(__always)
    private mutating func next(_ bracket: UInt8, _ isFirst: Bool) throws(JSONFault) -> Bool {
        try skipWhitespace()
        let byte = try peek()
        if byte == bracket {
            position += 1
            return false
        }
        if isFirst { return true }
        guard byte == UInt8(ascii: ",") else { throw JSONFault(.unexpectedByte, at: position) }
        position += 1
        try skipWhitespace()
        return true
    }
}
