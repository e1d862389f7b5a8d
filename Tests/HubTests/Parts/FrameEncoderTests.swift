import HubProtocol
import Testing

@testable import HubCore
@testable import Reactor

@Suite struct FrameEncoderTests {
    let lines = (1...3).map { [UInt8]("{\"room\":\"ticket:1\",\"offset\":\($0)}".utf8) }

    /// What a client reads of the frames.
    func messages(_ encoder: FrameEncoder, _ lines: [[UInt8]], _ encoding: FrameEncoding) -> (
        texts: [String], compressed: Int
    ) {
        var reader = FrameReader(keepsContext: false)
        let run = encoder.run(lines, for: encoding)!
        reader.receive(UnsafeRawBufferPointer(start: run.storage.bytes, count: run.count))
        var texts: [String] = []
        while case .text(let text)? = reader.next() { texts.append(text.text) }
        return (texts, reader.compressedMessages)
    }

    @Test func plainReadersGetAFrameAnObject() {
        let encoder = FrameEncoder(codecs: DeflateCodecs(), floor: 0)
        let read = messages(encoder, lines, .plain)
        #expect(read.texts == lines.map(\.text))
        #expect(read.compressed == 0)
    }

    @Test(arguments: [9, 15]) func compressedReadersGetTheTurnAsOneMessage(_ windowBits: Int) {
        let encoder = FrameEncoder(codecs: DeflateCodecs(), floor: 10)
        let read = messages(encoder, lines, .deflated(windowBits: windowBits))
        #expect(read.texts == [lines.map(\.text).joined(separator: "\n")])
        #expect(read.compressed == 1)
    }

    @Test func belowTheFloorNothingIsCompressed() {
        let encoder = FrameEncoder(codecs: DeflateCodecs(), floor: 10_000)
        let read = messages(encoder, lines, .deflated(windowBits: 15))
        #expect(read.texts == lines.map(\.text))
        #expect(read.compressed == 0)
    }

    @Test func noMessageGrowsPastWhatReadersTake() {
        let encoder = FrameEncoder(codecs: DeflateCodecs(), floor: 10)
        let long = (0..<5).map { [UInt8](repeating: UInt8(ascii: "a") + UInt8($0), count: 30_000) }
        let read = messages(encoder, long, .deflated(windowBits: 15))
        #expect(read.texts.map(\.utf8.count) == [60_001, 60_001, 30_000])
        #expect(read.texts.joined(separator: "\n") == long.map(\.text).joined(separator: "\n"))
    }

    @Test func whoHasAContextOfItsOwnSharesNothing() {
        let encoder = FrameEncoder(codecs: DeflateCodecs(), floor: 10)
        if let run = encoder.run(lines, for: .own) { Issue.record("a run of \(run.count) bytes") }
    }
}
