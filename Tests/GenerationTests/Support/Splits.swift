/// A text cut in every way that a decoder must not care about.
enum Splits {
    /// Whole, byte by byte, and at every place in two.
    static func all(of bytes: [UInt8]) -> [[[UInt8]]] {
        [[bytes], bytes.map { [$0] }]
            + bytes.indices.dropFirst().map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
    }
}
