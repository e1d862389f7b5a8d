/// Finds how far a run of string bytes reaches that need no look of their own: neither quote nor backslash nor
/// below 0x20. Eight bytes a step.
///
/// For a word `w` and a byte `b` repeated eight times, `(w ^ b) − 0x01…01 & ~(w ^ b) & 0x80…80` has the top bit
/// set in the lowest byte that equals `b`; `(w − 0x20…20) & ~w & 0x80…80` in the lowest below 0x20. Borrows only
/// reach bytes above, so the lowest flag is right, and only that one is used.
enum PlainRun {
    @inline(__always)
    static func end(in bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        while index &+ 8 <= end {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(bytes + index).loadUnaligned(as: UInt64.self)
            )
            let quote = word ^ 0x2222_2222_2222_2222
            let backslash = word ^ 0x5c5c_5c5c_5c5c_5c5c
            let special =
                ((quote &- 0x0101_0101_0101_0101) & ~quote
                    | (backslash &- 0x0101_0101_0101_0101) & ~backslash
                    | (word &- 0x2020_2020_2020_2020) & ~word) & 0x8080_8080_8080_8080
            if special != 0 { return index &+ special.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < end {
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
            index &+= 1
        }
        return end
    }
}
