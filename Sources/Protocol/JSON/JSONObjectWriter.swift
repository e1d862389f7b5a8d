/// Writes one JSON object member by member, for answers where speed is no matter (HTTP, the command line).
///
///     var object = JSONObjectWriter()
///     object.member("status", "ok")
///     object.object("store") { $0.member("lag", 12) }
///     let bytes = object.finish()
///
/// Members come out in the order they were written; that no name comes twice is the caller's to see to.
public struct JSONObjectWriter {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]
    private var isEmpty = true

    /// An object without members.
    public init() {}

    /// Appends a string.
    public mutating func member(_ name: String, _ value: String) {
        begin(name)
        JSONText.appendString(value, into: &bytes)
    }

    /// Appends an integer.
    public mutating func member(_ name: String, _ value: some BinaryInteger) {
        begin(name)
        JSONText.append(Int64(clamping: value), into: &bytes)
    }

    /// Appends a boolean.
    public mutating func member(_ name: String, _ value: Bool) {
        begin(name)
        JSONText.append(value, into: &bytes)
    }

    /// Appends an array of strings.
    public mutating func member(_ name: String, _ values: [String]) {
        begin(name)
        JSONText.append(values, into: &bytes)
    }

    /// Appends a value that is JSON already.
    public mutating func member(_ name: String, raw json: some Sequence<UInt8>) {
        begin(name)
        bytes.append(contentsOf: json)
    }

    /// Appends an object that `body` writes.
    public mutating func object(_ name: String, _ body: (inout JSONObjectWriter) -> Void) {
        begin(name)
        var inner = JSONObjectWriter()
        body(&inner)
        bytes.append(contentsOf: inner.finish())
    }

    /// Appends an array of objects, one for each element.
    public mutating func objects<Element>(
        _ name: String,
        _ elements: some Sequence<Element>,
        _ body: (Element, inout JSONObjectWriter) -> Void
    ) {
        begin(name)
        JSONText.appendList(Array(elements), into: &bytes) { element, out in
            var inner = JSONObjectWriter()
            body(element, &inner)
            out.append(contentsOf: inner.finish())
        }
    }

    /// The finished object.
    public consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private mutating func begin(_ name: String) {
        if !isEmpty { bytes.append(UInt8(ascii: ",")) }
        isEmpty = false
        JSONText.appendString(name, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }
}
