import CZlib

/// Inflates messages of permessage-deflate (RFC 7692 §7.2.2), piece by piece and bounded while inflating.
///
/// A message is fed as it comes and ended by `finish`, which supplies the 00 00 FF FF the sender took off. A block
/// marked final (§7.2.3.4) does not end the message: what follows is read as further blocks over the same window.
/// Owns one zlib stream. Confined to the loop of its owner.
final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether a final block was the last thing read.
    private var endsWithFinalBlock = false
    /// Whether the message under way has had bytes at all.
    private var isFed = false

    /// A stream for a window of up to 2^`windowBits` bytes, 8…15.
    init(windowBits: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Senders built on a zlib before 1.2.9 say 8 and use 9, and a larger window reads what a smaller one wrote.
        let bits = -Int32(max(windowBits, 9))
        let status = inflateInit2_(stream, bits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib refused a decompression stream")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Forgets the messages so far, a broken one included.
    func reset() {
        inflateReset(stream)
        endsWithFinalBlock = false
        isFed = false
    }

    /// Inflates the next piece of a message behind the content of `output`, which may grow to `limit` bytes.
    func append(_ bytes: ByteView, into output: inout MessageBuffer, limit: Int) throws(ProtocolViolation) {
        guard !bytes.isEmpty else { return }
        isFed = true
        var rest = bytes
        while !rest.isEmpty {
            if endsWithFinalBlock { restartBehindFinalBlock() }
            let piece = rest[0..<min(rest.count, Int(UInt32.max))]
            let taken = try run(piece, into: &output, limit: limit)
            rest = rest[taken..<rest.count]
        }
    }

    /// Ends the message: everything it stood for is in `output` now.
    func finish(into output: inout MessageBuffer, limit: Int) throws(ProtocolViolation) {
        defer { isFed = false }
        guard isFed, !endsWithFinalBlock else { return }
        let tail: [UInt8] = [0, 0, 0xFF, 0xFF]
        let failure: ProtocolViolation? = tail.withUnsafeBytes { bytes in
            do throws(ProtocolViolation) {
                _ = try run(ByteView(bytes), into: &output, limit: limit)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
        // zlib reports 128 between two blocks, plus the number of bits it holds back.
        guard !endsWithFinalBlock, stream.pointee.data_type & 0xFF == 128 else { throw Self.corrupt }
    }

    /// Inflates until the piece is used up or a final block ends; returns how many bytes of it were used.
    private func run(
        _ piece: ByteView,
        into output: inout MessageBuffer,
        limit: Int
    ) throws(ProtocolViolation) -> Int {
        var status = Z_OK
        var isTooBig = false
        piece.withUnsafeBytes { bytes in
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            )
            stream.pointee.avail_in = UInt32(bytes.count)
            var isFull = true
            while status == Z_OK, isFull, !isTooBig {
                // One byte more than allowed, so that reaching the limit and passing it look different.
                let allowed = limit - output.count + 1
                let step = min(allowed, max(512, output.count))
                output.withRoom(step) { room in
                    let size = UInt32(clamping: min(room.count, allowed))
                    stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_out = size
                    status = inflate(stream, Z_SYNC_FLUSH)
                    isFull = stream.pointee.avail_out == 0
                    return Int(size - stream.pointee.avail_out)
                }
                isTooBig = output.count > limit
            }
            stream.pointee.next_in = nil
        }
        guard !isTooBig else { throw .tooBig("the inflated message is larger than the limit") }
        switch status {
        case Z_STREAM_END: endsWithFinalBlock = true
        // Z_BUF_ERROR: all input was used at the very point where the output was full.
        case Z_OK, Z_BUF_ERROR: break
        default: throw Self.corrupt
        }
        return piece.count - Int(stream.pointee.avail_in)
    }

    /// Starts a new sequence of blocks that may refer to what came before it.
    private func restartBehindFinalBlock() {
        endsWithFinalBlock = false
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 15) { window in
            var size: UInt32 = 0
            inflateGetDictionary(stream, window.baseAddress, &size)
            inflateReset(stream)
            inflateSetDictionary(stream, window.baseAddress, size)
        }
    }

    private static let corrupt = ProtocolViolation(
        code: .invalidPayload,
        sentence: "the compressed data is corrupt",
        rfc: "RFC 7692 §7.2.2"
    )
}

@available(*, unavailable)
extension Inflater: Sendable {}
