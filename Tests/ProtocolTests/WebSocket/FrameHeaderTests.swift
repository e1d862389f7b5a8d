import Testing

@testable import HubProtocol

@Suite("Frame header: RFC 6455 §5.2")
struct FrameHeaderTests {
    private func parse(_ bytes: [UInt8]) throws(ProtocolViolation) -> FrameHeader? {
        var outcome: Result<FrameHeader?, ProtocolViolation> = .success(nil)
        bytes.withUnsafeBytes { bytes in
            do throws(ProtocolViolation) {
                outcome = .success(try FrameHeader.parse(ByteView(bytes)))
            } catch {
                outcome = .failure(error)
            }
        }
        return try outcome.get()
    }

    @Test(
        "lengths of all three forms",
        arguments: [
            ("81 80 01 02 03 04", 0, 6), ("81 FD 01 02 03 04", 125, 6),
            ("82 FE 00 7E 01 02 03 04", 126, 8), ("82 FE FF FF 01 02 03 04", 0xFFFF, 8),
            ("82 FF 00 00 00 00 00 01 00 00 01 02 03 04", 0x10000, 14),
            ("82 FF 7F FF FF FF FF FF FF FF 01 02 03 04", Int.max, 14),
        ]
    )
    func lengths(_ text: String, _ length: Int, _ size: Int) throws {
        let bytes = hex(text)
        let header = try #require(try parse(bytes + [0xAA]))
        #expect(header.length == length)
        #expect(header.size == size)
        #expect(header.mask == Mask(1, 2, 3, 4))
        for count in 0..<bytes.count { #expect(try parse(Array(bytes[..<count])) == nil) }
    }

    @Test("FIN, RSV1 and the opcode are told apart")
    func bits() throws {
        let first = try #require(try parse(hex("41 80 00 00 00 00")))
        #expect(!first.fin && first.rsv1 && first.opcode == .text)
        let last = try #require(try parse(hex("80 80 00 00 00 00")))
        #expect(last.fin && !last.rsv1 && last.opcode == .continuation)
    }

    @Test(
        "a broken rule is found at its byte",
        arguments: [
            ("A1", "RFC 6455 §5.2"), ("91", "RFC 6455 §5.2"),
            ("83", "RFC 6455 §5.2"), ("84", "RFC 6455 §5.2"), ("85", "RFC 6455 §5.2"), ("86", "RFC 6455 §5.2"),
            ("87", "RFC 6455 §5.2"), ("8B", "RFC 6455 §5.2"), ("8C", "RFC 6455 §5.2"), ("8D", "RFC 6455 §5.2"),
            ("8E", "RFC 6455 §5.2"), ("8F", "RFC 6455 §5.2"),
            ("08", "RFC 6455 §5.5"), ("09", "RFC 6455 §5.5"), ("0A", "RFC 6455 §5.5"),
            ("C8", "RFC 7692 §6.1"), ("C9", "RFC 7692 §6.1"), ("CA", "RFC 7692 §6.1"),
            ("81 05", "RFC 6455 §5.1"), ("81 00", "RFC 6455 §5.1"),
            ("89 FE", "RFC 6455 §5.5"), ("88 FF", "RFC 6455 §5.5"),
            ("81 FE 00 7D", "RFC 6455 §5.2"), ("81 FE 00 00", "RFC 6455 §5.2"),
            ("81 FF 00 00 00 00 00 00 FF FF", "RFC 6455 §5.2"), ("81 FF 80 00 00 00 00 00 00 00", "RFC 6455 §5.2"),
        ]
    )
    func violations(_ text: String, _ rfc: String) throws {
        let bytes = hex(text)
        let violation = #expect(throws: ProtocolViolation.self) { try parse(bytes) }
        #expect(violation?.code == .protocolError)
        #expect(violation?.rfc == rfc)
        #expect(try parse(Array(bytes.dropLast())) == nil)
    }
}
