/// One header field line (RFC 9112 §5): name, colon, value, blanks around the value.
struct HTTPField {
    let name: ByteView
    let value: ByteView

    /// Reads a line without its line end. Folded lines and blanks before the colon are refused: parties on the way
    /// read them differently, which is how requests are smuggled.
    init(_ line: ByteView) throws(HTTPRejection) {
        guard !line.isEmpty, !HTTPCharacters.isBlank(line[0]) else {
            throw .badRequest("A header field is folded over several lines.")
        }
        var colon = 0
        while colon < line.count, line[colon] != UInt8(ascii: ":") { colon += 1 }
        guard colon < line.count else { throw .badRequest("A header field has no colon.") }
        name = line[0..<colon]
        guard colon > 0, name.allSatisfy(HTTPCharacters.isToken) else {
            throw .badRequest("A header field's name is not a token.")
        }
        var start = colon + 1
        var end = line.count
        while start < end, HTTPCharacters.isBlank(line[start]) { start += 1 }
        while end > start, HTTPCharacters.isBlank(line[end - 1]) { end -= 1 }
        value = line[start..<end]
        guard value.allSatisfy(HTTPCharacters.isValue) else {
            throw .badRequest("A header field's value holds a control character.")
        }
    }
}
