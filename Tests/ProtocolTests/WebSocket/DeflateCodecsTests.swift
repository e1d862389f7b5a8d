import Testing

@testable import HubProtocol

@Suite("Deflate streams: RFC 7692 §7.2")
struct DeflateCodecsTests {
    private func deflate(_ codecs: DeflateCodecs, _ payload: [UInt8], bits: Int = 15) -> [UInt8] {
        var bytes: [UInt8] = []
        payload.withUnsafeBytes { codecs.deflate(ByteView($0), windowBits: bits, into: &bytes) }
        return bytes
    }

    private func inflate(_ inflater: Inflater, _ payload: [UInt8], limit: Int = 1 << 24) throws -> [UInt8] {
        var output = MessageBuffer()
        var failure: ProtocolViolation?
        payload.withUnsafeBytes { bytes in
            do throws(ProtocolViolation) {
                try inflater.append(ByteView(bytes), into: &output, limit: limit)
                try inflater.finish(into: &output, limit: limit)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return output.view.array()
    }

    @Test("Hello, each time for itself")
    func hello() {
        let codecs = DeflateCodecs()
        for _ in 0..<3 { #expect(deflate(codecs, Array("Hello".utf8)) == hex("F2 48 CD C9 C9 07 00")) }
        #expect(deflate(codecs, []) == [0])
    }

    @Test("a payload is appended to what is there")
    func appends() {
        var bytes: [UInt8] = [1, 2]
        Array("Hello".utf8).withUnsafeBytes { DeflateCodecs().deflate(ByteView($0), windowBits: 15, into: &bytes) }
        #expect(bytes == hex("01 02 F2 48 CD C9 C9 07 00"))
    }

    @Test("a window is never larger than asked for", arguments: 9...14)
    func windows(_ bits: Int) throws {
        // Text that repeats beyond the window, so that a larger one would refer too far back.
        var numbers = SeededNumbers(seed: UInt64(bits))
        let block = (0..<(1 << bits) + 100).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        let payload = block + block + block
        let compressed = deflate(DeflateCodecs(level: 9, memoryLevel: 9), payload, bits: bits)
        #expect(compressed.count >= payload.count)
        let isSame = try inflate(Inflater(windowBits: bits), compressed) == payload
        #expect(isSame)
        let wider = deflate(DeflateCodecs(level: 9, memoryLevel: 9), payload, bits: bits + 1)
        #expect(wider.count < payload.count / 2)
        #expect(throws: ProtocolViolation.self) { try inflate(Inflater(windowBits: bits), wider) }
    }

    @Test("sizes around every buffer edge read back", arguments: [1, 9])
    func sizes(_ level: Int) throws {
        let codecs = DeflateCodecs(level: level)
        var numbers = SeededNumbers(seed: 1)
        let inflater = Inflater(windowBits: 15)
        for count in [1, 2, 63, 64, 511, 512, 513, 4095, 4096, 65_535, 65_536, 300_000, 1_000_000] {
            for top: UInt8 in [0, 3, 255] {
                let payload = (0..<count).map { _ in UInt8.random(in: 0...top, using: &numbers) }
                let isSame = try inflate(inflater, deflate(codecs, payload)) == payload
                #expect(isSame, "\(count) bytes up to \(top)")
                inflater.reset()
            }
        }
    }

    @Test("levels and windows outside of zlib's range are moved into it")
    func clamps() throws {
        let codecs = DeflateCodecs(level: 99, memoryLevel: 0)
        #expect(codecs.level == 9)
        #expect(codecs.memoryLevel == 1)
        for bits in [-1, 8, 99] {
            let compressed = deflate(codecs, Array("Hello".utf8), bits: bits)
            #expect(try inflate(Inflater(windowBits: 15), compressed) == Array("Hello".utf8))
        }
    }

    @Test("an inflater that failed is clean when it is taken again")
    func recycles() throws {
        let codecs = DeflateCodecs()
        let inflater = codecs.takeInflater()
        #expect(throws: ProtocolViolation.self) { try inflate(inflater, [0x07]) }
        codecs.recycle(inflater)
        let again = codecs.takeInflater()
        #expect(again === inflater)
        #expect(try inflate(again, hex("F2 48 CD C9 C9 07 00")) == Array("Hello".utf8))
    }

    @Test("only a handful of inflaters is kept")
    func keepsFew() {
        let codecs = DeflateCodecs()
        let inflaters = (0..<20).map { _ in codecs.takeInflater() }
        for inflater in inflaters { codecs.recycle(inflater) }
        let kept = (0..<20).map { _ in codecs.takeInflater() }
        #expect(kept.filter { taken in inflaters.contains { $0 === taken } }.count == 8)
    }

    @Test("memory of a large message is given back at the next")
    func scratch() {
        let codecs = DeflateCodecs()
        let large = [UInt8](repeating: 1, count: 1 << 20)
        let run = SessionRun(limits: WebSocketLimits(maxMessageBytes: 1 << 21), deflate: DeflateParameters())
        let frame = ClientFrame.data(.binary, deflate(codecs, large), rsv1: true)
        let isSame = run.events([frame]) == [.binary(large)]
        #expect(isSame)
        large.withUnsafeBytes { codecs.inflated.append($0) }
        codecs.clearInflated()
        #expect(codecs.inflated.capacity == 0)
    }
}
