import Glibc

/// A borrowed window of bytes: where a peer's input lies while it is being looked at.
///
/// It owns nothing and copies nothing. It is valid only as long as the buffer it was cut from, which every
/// function that hands one out states ("until the next call of …"). Indices are checked, so a wrong index
/// traps instead of reading elsewhere; only the lifetime is the caller's word. What has to live longer is
/// copied out with `array()` or `string()`.
public struct ByteView: Hashable {
    @usableFromInline let base: UnsafePointer<UInt8>?

    /// The number of bytes.
    public let count: Int

    /// A window over the whole buffer; it stays valid as long as the buffer does.
    @inlinable
    public init(_ buffer: UnsafeRawBufferPointer) {
        self.init(base: buffer.assumingMemoryBound(to: UInt8.self).baseAddress, count: buffer.count)
    }

    @inlinable
    init(base: UnsafePointer<UInt8>?, count: Int) {
        self.base = base
        self.count = base == nil ? 0 : count
    }

    /// A window without bytes.
    @inlinable public static var empty: ByteView { ByteView(base: nil, count: 0) }

    /// Whether there are no bytes.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// The byte at `index`, which must lie in `0..<count`.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "index out of the view")
        guard let base else { preconditionFailure("index out of the view") }
        return base[index]
    }

    /// A narrower window, valid as long as this one; `range` must lie within `0..<count`.
    @inlinable
    public subscript(range: Range<Int>) -> ByteView {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range out of the view")
        guard let base else { return .empty }
        return ByteView(base: base + range.lowerBound, count: range.count)
    }

    /// The bytes for the length of `body`, for calls that want a pointer.
    @inlinable
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// A copy of the bytes.
    public func array() -> [UInt8] {
        withUnsafeBytes { [UInt8]($0) }
    }

    /// A copy as text; ill-formed UTF-8 becomes U+FFFD, so validate before where that matters.
    public func string() -> String {
        withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Equal bytes make equal views, wherever they lie.
    public static func == (left: ByteView, right: ByteView) -> Bool {
        guard left.count == right.count else { return false }
        guard let mine = left.base, let other = right.base else { return true }
        return memcmp(mine, other, left.count) == 0
    }

    /// Hashes the bytes, not the address.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension [UInt8] {
    /// Appends the bytes of a view.
    @inlinable
    public mutating func append(_ view: ByteView) {
        view.withUnsafeBytes { append(contentsOf: $0) }
    }
}
