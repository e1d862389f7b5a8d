import CZlib

/// Compresses messages for permessage-deflate (RFC 7692 §7.2.1): raw DEFLATE, ended by a sync flush whose last
/// four bytes 00 00 FF FF are taken off.
///
/// Owns one zlib stream. Confined to the loop of its owner.
final class Deflater {
    private let stream: UnsafeMutablePointer<z_stream>

    /// A stream with a window of 2^`windowBits` bytes, 9…15.
    init(windowBits: Int, level: Int32, memoryLevel: Int32) {
        // zlib keeps the stream's address and compares it, so it lives where it cannot move.
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = deflateInit2_(
            stream,
            level,
            Z_DEFLATED,
            -Int32(windowBits),
            memoryLevel,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        precondition(status == Z_OK, "zlib refused a compression stream")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Forgets the messages so far.
    func reset() {
        deflateReset(stream)
    }

    /// Appends one compressed message to `output`.
    func append(_ payload: ByteView, into output: inout MessageBuffer) {
        // A second flush in a row gives nothing, so an empty message is the one byte the standard names (§7.2.3.6).
        guard !payload.isEmpty else {
            withUnsafeBytes(of: UInt8(0)) { output.append($0) }
            return
        }
        payload.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let piece = min(bytes.count - offset, Int(UInt32.max))
                let isLast = offset + piece == bytes.count
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self).advanced(by: offset)
                )
                stream.pointee.avail_in = UInt32(piece)
                run(isLast ? Z_SYNC_FLUSH : Z_NO_FLUSH, into: &output)
                offset += piece
            }
            stream.pointee.next_in = nil
        }
        output.removeLast(4)
    }

    private func run(_ flush: Int32, into output: inout MessageBuffer) {
        var isFull = true
        while isFull {
            // More than the 6 bytes of a flush marker, or zlib might write it twice; the bound makes one call enough.
            let bound = Int(clamping: deflateBound(stream, UInt(stream.pointee.avail_in))) &+ 16
            output.withRoom(bound) { room in
                let size = UInt32(clamping: room.count)
                stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = size
                _ = CZlib.deflate(stream, flush)
                isFull = stream.pointee.avail_out == 0
                return Int(size - stream.pointee.avail_out)
            }
        }
    }
}

@available(*, unavailable)
extension Deflater: Sendable {}
