/// Where a value lies in a text that was scanned, and what it is. Owns nothing.
public struct JSONToken: Sendable, Hashable {
    /// The types of JSON values.
    public enum Kind: UInt8, Sendable {
        /// `{…}`
        case object
        /// `[…]`
        case array
        /// `"…"` without escapes: what lies between the quotes is the text.
        case plainString
        /// `"…"` with escapes.
        case escapedString
        /// Any number.
        case number
        /// `true`
        case `true`
        /// `false`
        case `false`
        /// `null`
        case null
    }

    /// What it is.
    public let kind: Kind
    /// Its first byte.
    public let lower: Int
    /// The byte behind its last.
    public let upper: Int

    @inline(__always)
    init(_ kind: Kind, _ lower: Int, _ upper: Int) {
        self.kind = kind
        self.lower = lower
        self.upper = upper
    }

    /// All its bytes, quotes and braces included.
    public var range: Range<Int> { lower..<upper }

    /// What lies between the quotes of a string, escapes unresolved; nil for other values.
    public var content: Range<Int>? {
        guard kind == .plainString || kind == .escapedString else { return nil }
        return (lower + 1)..<(upper - 1)
    }
}
