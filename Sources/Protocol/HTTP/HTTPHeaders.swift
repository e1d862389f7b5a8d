/// The header fields of one request, in their order. Names are compared without regard to case.
///
/// The bytes are kept as they came and cut when asked for, so that a head with twenty fields costs two allocations.
public struct HTTPHeaders: Sendable {
    private struct Field {
        let name: Range<Int>
        let value: Range<Int>
    }

    private var bytes: [UInt8] = []
    private var fields: [Field] = []

    /// No fields.
    public init() {}

    /// Fields from names and values, which are taken as they are.
    public init(_ pairs: [(String, String)]) {
        for (name, value) in pairs {
            let start = bytes.count
            bytes.append(contentsOf: name.utf8)
            let middle = bytes.count
            bytes.append(contentsOf: value.utf8)
            fields.append(Field(name: start..<middle, value: middle..<bytes.count))
        }
    }

    /// The number of fields, repeated ones counted each time.
    public var count: Int { fields.count }

    mutating func append(name: ByteView, value: ByteView) {
        let start = bytes.count
        bytes.append(name)
        let middle = bytes.count
        bytes.append(value)
        fields.append(Field(name: start..<middle, value: middle..<bytes.count))
    }

    /// The value of the first field of that name; bytes that are not UTF-8 come as U+FFFD.
    public subscript(first name: String) -> String? {
        fields.first { matches($0, name) }.map { text($0.value) }
    }

    /// The values of all fields of that name, in order.
    public func values(of name: String) -> [String] {
        fields.lazy.filter { matches($0, name) }.map { text($0.value) }
    }

    /// The elements of a comma-separated list that may be spread over several fields, trimmed, without empty ones.
    public func tokens(of name: String) -> [String] {
        values(of: name).flatMap { value in
            value.utf8.split(separator: UInt8(ascii: ",")).compactMap { element in
                let token = element.drop { HTTPCharacters.isBlank($0) }
                guard let last = token.lastIndex(where: { !HTTPCharacters.isBlank($0) }) else { return nil }
                return String(token[...last])
            }
        }
    }

    /// Whether such a list holds `token`, without regard to case.
    public func hasToken(_ token: String, in name: String) -> Bool {
        tokens(of: name).contains { HTTPCharacters.equalIgnoringCase($0.utf8, token.utf8) }
    }

    /// All fields as names and values, in order.
    public var pairs: [(name: String, value: String)] {
        fields.map { (text($0.name), text($0.value)) }
    }

    private func matches(_ field: Field, _ name: String) -> Bool {
        field.name.count == name.utf8.count && HTTPCharacters.equalIgnoringCase(bytes[field.name], name.utf8)
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}
