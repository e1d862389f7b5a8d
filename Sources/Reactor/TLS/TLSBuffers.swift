/// What a loop opens and seals with, one at a time for all its connections. Confined to its loop; made with its first
/// listener that speaks TLS.
final class TLSBuffers {
    /// Opened bytes on their way to a handler.
    let opened = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 * TLSSession.recordBytes, alignment: 16)

    /// Small writes on their way into one record.
    let gathered = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSSession.recordBytes, alignment: 16)

    deinit {
        opened.deallocate()
        gathered.deallocate()
    }
}

@available(*, unavailable)
extension TLSBuffers: Sendable {}
