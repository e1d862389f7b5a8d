/// The compression streams and scratch memory that the connections of one loop share.
///
/// A message compressed without context takeover needs a stream only while it is being worked on, so a handful of
/// pooled ones serve any number of connections. Confined to its loop.
public final class DeflateCodecs {
    /// Scratch memory above this is given back after use.
    private static let keptScratch = 256 * 1024
    /// More inflaters than this are not kept; each holds up to 44 KiB.
    private static let keptInflaters = 8

    let level: Int32
    let memoryLevel: Int32
    /// One per window size, made at the first use, at index `windowBits`.
    private var deflaters: [Deflater?] = Array(repeating: nil, count: 16)
    private var spareInflaters: [Inflater] = []
    private var scratch = MessageBuffer()
    /// Where a message that came whole is inflated to; its content is valid until the next one.
    var inflated = MessageBuffer()

    /// Streams made when needed.
    ///
    /// - Parameters:
    ///   - level: zlib's effort, 1…9. Default 6.
    ///   - memoryLevel: zlib's memory, 1…9; a higher one compresses large messages better and costs more for each
    ///     message, because the tables are cleared in between. Default 8.
    public init(level: Int = 6, memoryLevel: Int = 8) {
        self.level = Int32(min(max(level, 1), 9))
        self.memoryLevel = Int32(min(max(memoryLevel, 1), 9))
    }

    /// Appends the compressed form of a message that refers to no other: the payload of a frame with RSV1 set.
    ///
    /// - Parameter windowBits: the reader's `serverMaxWindowBits`, 9…15; others are moved to the nearest.
    public func deflate(_ payload: ByteView, windowBits: Int, into bytes: inout [UInt8]) {
        deflate(payload, with: pooledDeflater(windowBits: windowBits)) { bytes.append($0) }
    }

    /// The loop's compression stream for a window size, without history: for the next message only.
    func pooledDeflater(windowBits: Int) -> Deflater {
        let bits = min(max(windowBits, 9), 15)
        let deflater = deflaters[bits] ?? makeDeflater(windowBits: bits)
        deflaters[bits] = deflater
        deflater.reset()
        return deflater
    }

    /// Compresses with a stream of the caller's and lends it the result.
    func deflate(_ payload: ByteView, with deflater: Deflater, _ body: (ByteView) -> Void) {
        scratch.removeAll(keeping: Self.keptScratch)
        deflater.append(payload, into: &scratch)
        body(scratch.view)
    }

    /// A new compression stream of its own for a connection with context takeover.
    func makeDeflater(windowBits: Int) -> Deflater {
        Deflater(windowBits: windowBits, level: level, memoryLevel: memoryLevel)
    }

    /// An inflater without history, which reads any window size. Give it back with `recycle`.
    func takeInflater() -> Inflater {
        spareInflaters.popLast() ?? Inflater(windowBits: 15)
    }

    /// Takes back an inflater, whatever state its message left it in.
    func recycle(_ inflater: Inflater) {
        guard spareInflaters.count < Self.keptInflaters else { return }
        inflater.reset()
        spareInflaters.append(inflater)
    }

    /// Makes room for the next message that is inflated whole.
    func clearInflated() {
        inflated.removeAll(keeping: Self.keptScratch)
    }
}

@available(*, unavailable)
extension DeflateCodecs: Sendable {}
