/// Immutable bytes that many connections of one loop send without copying them.
///
/// Owns one reference; the bytes live until the last owner and the last queue that holds them are done.
/// Confined to its loop: the count is not atomic, which is what makes sharing with a thousand connections cheap.
public struct ByteRun: ~Copyable {
    let storage: RunPointer

    /// Copies the bytes, once for everybody who will share the run.
    public init(copying bytes: UnsafeRawBufferPointer) {
        storage = .make(copying: bytes, capacity: bytes.count)
    }

    /// Copies the bytes, once for everybody who will share the run.
    public init(copying bytes: [UInt8]) {
        storage = bytes.withUnsafeBytes { .make(copying: $0, capacity: $0.count) }
    }

    private init(retaining storage: RunPointer) {
        storage.retain()
        self.storage = storage
    }

    deinit {
        storage.release()
    }

    /// Another owner of the same bytes, to be kept beside this one.
    public borrowing func shared() -> ByteRun {
        ByteRun(retaining: storage)
    }

    /// Number of bytes.
    public var count: Int { storage.pointee.count }
}

@available(*, unavailable)
extension ByteRun: Sendable {}
