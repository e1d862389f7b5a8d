import Testing

@testable import HubProtocol

@Suite("Sets of bytes")
struct ByteSetTests {
    @Test("hold the bytes they were made of and no others")
    func members() {
        let set = ByteSet("\u{0}09?@az\u{7f}")
        for byte in UInt8.min...UInt8.max {
            #expect(set.contains(byte) == [0, 48, 57, 63, 64, 97, 122, 127].contains(byte))
        }
    }

    @Test("of rooms and kinds are those of protocol.md")
    func contract() {
        let letters = "abcdefghijklmnopqrstuvwxyz"
        let room = Set((letters + letters.uppercased() + "0123456789_.:/@-").utf8)
        let kind = Set((letters + "0123456789_.-").utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(ByteSet.room.contains(byte) == room.contains(byte))
            #expect(ByteSet.kind.contains(byte) == kind.contains(byte))
        }
    }
}
