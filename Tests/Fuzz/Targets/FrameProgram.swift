@testable import HubProtocol

/// Reads an input as a list of frames to be sent, so that mutations make other frames instead of noise:
///
///     kind      bits 0–2: which opcode; 3: not the last fragment; 4: RSV1, the payload compressed;
///               5: RSV1 only; 6: unmasked; 7: a length that is not in its shortest form
///     length    of the payload that follows
///     key       the mask is made of this byte; 0 leaves the payload as it is
///     payload
enum FrameProgram {
    private static let opcodes: [UInt8] = [1, 2, 0, 8, 9, 10, 1, 3]

    static func bytes(_ program: [UInt8]) -> [UInt8] {
        var reader = FuzzInput(program)
        var bytes: [UInt8] = []
        let codecs = DeflateCodecs()
        while !reader.isEmpty {
            let kind = reader.byte()
            let length = Int(reader.byte())
            let key = reader.byte()
            var payload = reader.take(length)
            if kind & 0x10 != 0 {
                var compressed: [UInt8] = []
                payload.withUnsafeBytes { codecs.deflate(ByteView($0), windowBits: 15, into: &compressed) }
                payload = compressed
            }
            let rsv1: UInt8 = kind & 0x30 != 0 ? 0x40 : 0
            let first = opcodes[Int(kind & 7)] | (kind & 0x08 == 0 ? 0x80 : 0) | rsv1
            append(first, payload, key: kind & 0x40 == 0 ? key : nil, isPadded: kind & 0x80 != 0, to: &bytes)
        }
        return bytes
    }

    /// A frame as a client sends it.
    static func append(
        _ first: UInt8,
        _ payload: [UInt8],
        key: UInt8?,
        isPadded: Bool = false,
        to bytes: inout [UInt8]
    ) {
        let count = payload.count
        let size = isPadded ? (count <= 125 ? 2 : 8) : (count <= 125 ? 0 : count <= 0xFFFF ? 2 : 8)
        let short = size == 0 ? UInt8(count) : size == 2 ? 126 : 127
        bytes += [first, short | (key == nil ? 0 : 0x80)]
        for index in 0..<size {
            bytes.append(UInt8(truncatingIfNeeded: count >> ((size - 1 - index) * 8)))
        }
        guard let key else {
            bytes += payload
            return
        }
        let mask = key == 0 ? [0, 0, 0, 0] : [key, ~key, key ^ 0x5A, key &+ 77]
        bytes += mask
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index % 4]) }
    }
}
