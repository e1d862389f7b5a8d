import Glibc

/// Just enough of the hub's wire for the load: lines, offsets of events, numbers of replies.
enum HubLine {
    /// Each line of a message; most have one.
    static func each(in payload: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var start = 0
        while start < payload.count, let base = payload.baseAddress {
            let end =
                memchr(base + start, 10, payload.count - start).map { $0 - UnsafeMutableRawPointer(mutating: base) }
                ?? payload.count
            if end > start { try take(UnsafeRawBufferPointer(rebasing: payload[start..<end])) }
            start = end + 1
        }
    }

    /// The offset of a kept event; nil for everything else.
    static func offset(of line: UnsafeRawBufferPointer) -> Int? {
        // {"room":"…","offset":…: the second member, behind the fourth quotation mark.
        guard line.count > 20, line[2] == UInt8(ascii: "r") else { return nil }
        var index = 9
        while index < line.count, line[index] != UInt8(ascii: "\"") { index += 1 }
        guard index + 11 < line.count, line[index + 3] == UInt8(ascii: "o"), line[index + 4] == UInt8(ascii: "f")
        else { return nil }
        return number(in: line, at: index + 11)
    }

    /// The number of the command that a reply answers; refuses errors.
    static func answered(by line: UnsafeRawBufferPointer) throws -> Int? {
        // {"id":12,"ok":…
        guard line.count > 8, line[2] == UInt8(ascii: "i"), let id = number(in: line, at: 6) else { return nil }
        guard let comma = line.firstIndex(of: UInt8(ascii: ",")), comma + 2 < line.count,
            line[comma + 2] == UInt8(ascii: "o")
        else { throw LoadError("the hub answered \(String(decoding: line.prefix(300), as: UTF8.self))") }
        return id
    }

    private static func number(in line: UnsafeRawBufferPointer, at start: Int) -> Int? {
        var value = 0
        var index = start
        while index < line.count, line[index] >= 48, line[index] <= 57 {
            value = value * 10 + Int(line[index] - 48)
            index += 1
        }
        return index > start ? value : nil
    }
}
