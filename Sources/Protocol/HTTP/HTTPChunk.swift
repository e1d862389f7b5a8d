/// The line in front of a chunk (RFC 9112 §7.1): `size-in-hex [;extensions]`. Extensions are checked for control
/// characters and dropped.
enum HTTPChunk {
    /// The most bytes such a line may take.
    static let maxLineBytes = 256

    /// The chunk's size; 0 is the last chunk's.
    static func size(_ line: ByteView) throws(HTTPRejection) -> Int {
        var size = 0
        var index = 0
        while index < line.count, let digit = HTTPCharacters.hexDigit(line[index]) {
            // Beyond any limit; held there so that no number of digits overflows.
            size = min(size << 4 | digit, 1 << 56)
            index += 1
        }
        guard index > 0, index == line.count || line[index] == UInt8(ascii: ";") else {
            throw .badRequest("A chunk's size is not a hexadecimal number.")
        }
        guard line[index..<line.count].allSatisfy(HTTPCharacters.isValue) else {
            throw .badRequest("A chunk extension holds a control character.")
        }
        return size
    }

    static let dataTooLong = HTTPRejection.badRequest("A chunk is longer than its size.")

    static let lineTooLong = HTTPRejection.badRequest("A chunk's size line is too long.")
}
