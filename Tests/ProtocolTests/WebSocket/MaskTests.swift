import Testing

@testable import HubProtocol

@Suite("Mask: RFC 6455 §5.3")
struct MaskTests {
    private let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    private func masked(_ bytes: [UInt8], startingAt phase: Int) -> [UInt8] {
        bytes.enumerated().map { $0.element ^ key[($0.offset + phase) % 4] }
    }

    @Test("every length up to 100, at every alignment and place in the key, is the byte-wise XOR")
    func matchesByteWise() {
        let mask = Mask(key[0], key[1], key[2], key[3])
        for alignment in 0..<9 {
            for count in 0...100 {
                for phase in 0..<4 {
                    let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
                    var memory = [UInt8](repeating: 0x55, count: alignment) + plain + [0x55]
                    memory.withUnsafeMutableBytes { bytes in
                        let window = UnsafeMutableRawBufferPointer(rebasing: bytes[alignment..<alignment + count])
                        mask.advanced(by: phase).apply(to: window)
                    }
                    let expected =
                        [UInt8](repeating: 0x55, count: alignment) + masked(plain, startingAt: phase) + [0x55]
                    #expect(memory == expected)
                }
            }
        }
    }

    @Test("advancing counts modulo four")
    func advances() {
        let mask = Mask(1, 2, 3, 4)
        #expect(mask.advanced(by: 4) == mask)
        #expect(mask.advanced(by: 7) == Mask(4, 1, 2, 3))
    }

    @Test("a key of zeros changes nothing")
    func zeroKey() {
        var bytes: [UInt8] = [1, 2, 3]
        bytes.withUnsafeMutableBytes { Mask(0, 0, 0, 0).apply(to: $0) }
        #expect(bytes == [1, 2, 3])
    }
}
