/// The part of the receive buffer that a session has not read yet. It owns nothing; it is valid until the session has
/// read it to its end, as `WebSocketSession.receive` demands.
struct InputWindow {
    private var base: UnsafeMutableRawPointer?
    private(set) var count = 0

    init() {}

    init(_ bytes: UnsafeMutableRawBufferPointer) {
        base = bytes.baseAddress
        count = base == nil ? 0 : bytes.count
    }

    var isEmpty: Bool { count == 0 }

    /// What is left.
    var view: ByteView { ByteView(UnsafeRawBufferPointer(start: base, count: count)) }

    /// Takes the first `wanted` bytes, or all where there are fewer.
    mutating func take(_ wanted: Int) -> UnsafeMutableRawBufferPointer {
        let taken = min(max(wanted, 0), count)
        let bytes = UnsafeMutableRawBufferPointer(start: base, count: taken)
        base = base.map { $0 + taken }
        count -= taken
        return bytes
    }
}
