/// An object of JSON that was read whole, for bodies and answers where speed is no matter (HTTP, the command line).
///
/// Checks UTF-8 and everything that `JSONScanner` checks; a member given twice is a fault. Borrows: valid as long
/// as the bytes it was read from. Strings and numbers are read when asked for.
public struct JSONObject {
    private let text: ByteView
    private let depth: Int
    /// By the bytes of their names: to Swift's `String` two texts are one where Unicode holds them equivalent, to JSON not.
    private var tokens: [[UInt8]: JSONToken] = [:]

    /// The members' names, in the order of the text.
    public private(set) var names: [String] = []

    /// Reads an object with nothing but white space around it; `depth` as in `JSONScanner`.
    public init(_ text: ByteView, depth: Int = 32) throws(JSONFault) {
        self.text = text
        self.depth = depth
        try JSONText.checkUTF8(text)
        var scanner = JSONScanner(text, depth: depth)
        try scanner.beginObject()
        while let nameToken = try scanner.nextMember(isFirst: names.isEmpty) {
            let token = try scanner.value(inside: 1)
            let name = nameToken.string(in: text) ?? ""
            guard tokens.updateValue(token, forKey: Array(name.utf8)) == nil else {
                throw JSONFault(.duplicateMember, at: nameToken.lower)
            }
            names.append(name)
        }
        try scanner.expectEnd()
    }

    /// What the member is and where it lies; nil where there is none.
    public subscript(name: String) -> JSONToken? {
        tokens[Array(name.utf8)]
    }

    /// A member's value as it was written.
    public func raw(_ name: String) -> ByteView? {
        self[name].map { text[$0.range] }
    }

    /// A string; nil where the member is something else or missing.
    public func string(_ name: String) -> String? {
        self[name]?.string(in: text)
    }

    /// A plain integer; nil where the member is something else or missing.
    public func integer(_ name: String) -> Int64? {
        guard let token = self[name], token.kind == .number else { return nil }
        return JSONInteger.value(of: text[token.range])
    }

    /// A boolean; nil where the member is something else or missing.
    public func flag(_ name: String) -> Bool? {
        switch self[name]?.kind {
        case .true?: true
        case .false?: false
        default: nil
        }
    }

    /// An object; nil where the member is something else, missing, or has a member twice.
    public func object(_ name: String) -> JSONObject? {
        guard let token = self[name], token.kind == .object else { return nil }
        return try? JSONObject(text[token.range], depth: depth)
    }

    /// The elements of an array as they were written; nil where the member is something else or missing.
    public func elements(_ name: String) -> [ByteView]? {
        guard let token = self[name], token.kind == .array else { return nil }
        return try? JSONObject.elements(of: text[token.range], depth: depth)
    }

    private static func elements(of text: ByteView, depth: Int) throws(JSONFault) -> [ByteView] {
        var scanner = JSONScanner(text, depth: depth)
        var elements: [ByteView] = []
        try scanner.beginArray()
        while try scanner.nextElement(isFirst: elements.isEmpty) {
            elements.append(text[try scanner.value(inside: 1).range])
        }
        return elements
    }
}
