import HubProtocol

/// Lends bytes as a view for the length of `body`.
@discardableResult
func lending<Result>(_ bytes: [UInt8], _ body: (ByteView) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBytes { try body(ByteView($0)) }
}

/// Lends the UTF-8 of a text as a view for the length of `body`.
@discardableResult
func lending<Result>(_ text: String, _ body: (ByteView) throws -> Result) rethrows -> Result {
    try lending([UInt8](text.utf8), body)
}

/// The same numbers for the same seed, everywhere (splitmix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
