import CZlib

/// Inflates messages of servers that keep no context between them (RFC 7692 §7.1.1.1): one for all connections.
final class Inflation {
    static let offer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    private var stream = z_stream()
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)

    init() throws {
        let status = inflateInit2_(&stream, -15, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw LoadError("zlib could not be set up: \(status)") }
    }

    deinit {
        inflateEnd(&stream)
        output.deallocate()
    }

    func inflate(_ payload: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        inflateReset(&stream)
        var bytes = [UInt8](payload)
        bytes.append(contentsOf: [0, 0, 0xff, 0xff])
        let count = bytes.withUnsafeMutableBytes { input -> Int in
            stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = UInt32(output.count)
            let status = CZlib.inflate(&stream, Z_SYNC_FLUSH)
            return status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR
                ? output.count - Int(stream.avail_out) : -1
        }
        guard count >= 0, stream.avail_in == 0 else { throw LoadError("a compressed message that cannot be inflated") }
        try take(UnsafeRawBufferPointer(rebasing: output[0..<count]))
    }
}
