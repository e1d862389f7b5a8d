/// Cuts a stream of bytes into lines: LF, CRLF or CR ends one, wherever the pieces are cut. Lines are handed out without
/// their end.
///
/// Holds at most one line of `limit` bytes; a longer one makes the parser fail for good.
struct LineParser {
    /// Largest line. Default 1 MiB.
    let limit: Int
    private(set) var isTooLong = false
    private var line: [UInt8] = []
    private var endedWithReturn = false

    init(limit: Int = 1 << 20) {
        self.limit = limit
    }

    /// Takes a piece; calls `body` for each line that it ends.
    mutating func read(_ bytes: [UInt8], _ body: ([UInt8]) -> Void) {
        var start = 0
        for index in bytes.indices where !isTooLong {
            let byte = bytes[index]
            let isSecondHalf = byte == 0x0a && endedWithReturn && index == start && line.isEmpty
            endedWithReturn = false
            if isSecondHalf {
                start = index + 1
                continue
            }
            guard byte == 0x0a || byte == 0x0d else { continue }
            endedWithReturn = byte == 0x0d
            keep(bytes[start..<index])
            start = index + 1
            guard !isTooLong else { return }
            let whole = line
            line.removeAll(keepingCapacity: true)
            body(whole)
        }
        if !isTooLong, start < bytes.count { keep(bytes[start...]) }
    }

    /// The bytes behind the last end, where the stream ended without one.
    mutating func rest() -> [UInt8] {
        defer { line = [] }
        return line
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        guard line.count + bytes.count <= limit else {
            isTooLong = true
            line = []
            return
        }
        line.append(contentsOf: bytes)
    }
}
