/// Why a text is not JSON as this hub takes it, and where.
public struct JSONFault: Error, Sendable, Hashable {
    /// What is wrong.
    public enum Reason: UInt8, Sendable, CaseIterable {
        /// The text ends inside a value.
        case endsEarly
        /// The text is to be an object and is something else.
        case notAnObject
        /// A byte that cannot stand there.
        case unexpectedByte
        /// Something follows the value.
        case trailingBytes
        /// Not a number by the grammar: a leading zero or plus, a bare point, an empty exponent.
        case malformedNumber
        /// A byte below 0x20 inside a string.
        case controlCharacter
        /// A backslash before something that makes no escape.
        case malformedEscape
        /// Half of a surrogate pair.
        case loneSurrogate
        /// U+0000, also when written as `\u0000`.
        case nul
        /// A raw line feed or carriage return where none may be.
        case lineBreak
        /// More open arrays and objects than allowed.
        case tooDeep
        /// Bytes that are not UTF-8.
        case malformedUTF8
        /// A member that the object has already.
        case duplicateMember
    }

    /// What is wrong.
    public let reason: Reason
    /// The index of the byte at fault; the text's length where it ends early.
    public let position: Int

    /// A fault at a byte.
    public init(_ reason: Reason, at position: Int) {
        self.reason = reason
        self.position = position
    }

    /// For the peer's developer.
    public var sentence: String {
        let what =
            switch reason {
            case .endsEarly: "the JSON ends early"
            case .notAnObject: "not a JSON object"
            case .unexpectedByte: "a byte that JSON does not allow there"
            case .trailingBytes: "something follows the JSON value"
            case .malformedNumber: "a malformed number"
            case .controlCharacter: "a raw control character inside a string"
            case .malformedEscape: "a malformed escape inside a string"
            case .loneSurrogate: "a lone surrogate inside a string"
            case .nul: "NUL is not allowed"
            case .lineBreak: "a raw line break is not allowed"
            case .tooDeep: "the JSON is nested too deeply"
            case .malformedUTF8: "the bytes are not UTF-8"
            case .duplicateMember: "a member is given twice"
            }
        return "\(what) (byte \(position))"
    }
}
