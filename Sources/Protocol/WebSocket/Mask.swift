/// The masking of a client's payload (RFC 6455 §5.3): byte *i* is XORed with byte *i* mod 4 of the frame's key.
///
/// Applied in place, 32 bytes a step, then 8, then 1; loads and stores need no alignment. One of the few files with
/// raw pointers: every access is bounded by the buffer's count.
struct Mask: Hashable {
    /// The key, its first byte in the lowest bits.
    private let key: UInt32

    init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        key = UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16 | UInt32(fourth) << 24
    }

    private init(key: UInt32) {
        self.key = key
    }

    /// The mask for what follows the first `count` bytes of a payload.
    func advanced(by count: Int) -> Mask {
        let shift = UInt32(truncatingIfNeeded: count & 3) * 8
        return shift == 0 ? self : Mask(key: key >> shift | key << (32 - shift))
    }

    /// XORs `bytes`, which start where the mask starts.
    func apply(to bytes: UnsafeMutableRawBufferPointer) {
        guard key != 0, let base = bytes.baseAddress else { return }
        let count = bytes.count
        // The key repeated in memory order, so that it can be XORed with bytes as they lie, on either endianness.
        let word = (UInt64(key) << 32 | UInt64(key)).littleEndian
        var offset = 0
        while offset &+ 32 <= count {
            for step in 0..<4 {
                xor(base + offset + step * 8, word)
            }
            offset &+= 32
        }
        while offset &+ 8 <= count {
            xor(base + offset, word)
            offset &+= 8
        }
        // The steps so far were multiples of 4, so the rest starts at the key's first byte again.
        var rest = key
        while offset < count {
            let value = base.load(fromByteOffset: offset, as: UInt8.self)
            base.storeBytes(of: value ^ UInt8(truncatingIfNeeded: rest), toByteOffset: offset, as: UInt8.self)
            rest = rest >> 8 | rest << 24
            offset &+= 1
        }
    }

    @inline(__always)
    private func xor(_ pointer: UnsafeMutableRawPointer, _ word: UInt64) {
        pointer.storeBytes(of: pointer.loadUnaligned(as: UInt64.self) ^ word, as: UInt64.self)
    }
}
