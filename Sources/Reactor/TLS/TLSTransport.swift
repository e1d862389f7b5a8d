import CTLS
import Glibc

/// The end of OpenSSL that would be a socket: it reads the bytes a session was given and writes into its slot's queue.
///
/// Writing always succeeds, so a record is never half out; reading asks to come back where the bytes are used up.
enum TLSTransport {
    // Safety: made once, before its first use, and only read afterwards; OpenSSL's own tables of this kind are constants.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "apus") else { return nil }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
        BIO_meth_set_read(method) { bio, bytes, count in
            guard let bytes, count > 0 else { return 0 }
            let target = UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
            let taken = TLSTransport.session(of: bio)?.takeInput(into: target) ?? 0
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            guard taken == 0 else { return Int32(taken) }
            BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return -1
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let bytes, count > 0, let session = TLSTransport.session(of: bio) else { return 0 }
            session.emit(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    /// A BIO that belongs to the session; nil where there is no memory.
    static func make(for session: TLSSession) -> OpaquePointer? {
        guard let method, let bio = BIO_new(method) else { return nil }
        // Lifetime: the session frees the BIO, with its SSL, before it goes itself.
        BIO_set_data(bio, Unmanaged.passUnretained(session).toOpaque())
        return bio
    }

    private static func session(of bio: OpaquePointer?) -> TLSSession? {
        guard let data = BIO_get_data(bio) else { return nil }
        return Unmanaged<TLSSession>.fromOpaque(data).takeUnretainedValue()
    }
}
