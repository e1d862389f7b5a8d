import Glibc

extension ByteView {
    /// Whether the bytes are those of `text`, without making a string of them.
    public func equals(_ text: StaticString) -> Bool {
        text.utf8CodeUnitCount == count && starts(with: text)
    }

    /// Whether the bytes are the UTF-8 of `text`.
    ///
    /// Disfavoured, so that a literal is taken as a `StaticString`: comparing that is one call of memcmp, and
    /// reading a short `send` takes a fifth less time than with strings.
    @_disfavoredOverload
    public func equals(_ text: String) -> Bool {
        guard text.utf8.count == count else { return false }
        return withUnsafeBytes { $0.elementsEqual(text.utf8) }
    }

    /// Whether the bytes begin with those of `text`.
    public func starts(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard length <= count else { return false }
        return text.withUTF8Buffer { theirs in
            guard let base, let other = theirs.baseAddress else { return true }
            return memcmp(base, other, length) == 0
        }
    }

    /// Where `byte` first lies.
    public func firstIndex(of byte: UInt8) -> Int? {
        guard let base, count > 0, let found = memchr(base, Int32(byte), count) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
}
