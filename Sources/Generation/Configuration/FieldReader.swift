import HubProtocol

/// Takes an object of the file apart, member by member; every error names the member by its whole path, and what nobody has asked
/// for is an error, too. Borrows the file's bytes.
struct FieldReader {
    let path: String
    private let object: JSONObject
    private var asked: Set<String> = []

    init(_ text: ByteView, path: String) throws(ProvidersFileError) {
        self.path = path
        do { object = try JSONObject(text) } catch {
            throw ProvidersFileError(path.isEmpty ? "the file" : path, "is no JSON object without repeated members")
        }
    }

    private init(_ object: JSONObject, path: String) {
        self.object = object
        self.path = path
    }

    func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    mutating func text(_ name: String) throws(ProvidersFileError) -> String? {
        guard isThere(name) else { return nil }
        guard let text = object.string(name), !text.isEmpty else { throw wrong(name, "a text that is not empty") }
        return text
    }

    mutating func requiredText(_ name: String) throws(ProvidersFileError) -> String {
        guard let text = try text(name) else { throw ProvidersFileError(place(name), "is missing") }
        return text
    }

    mutating func number(_ name: String, _ range: ClosedRange<Int64>) throws(ProvidersFileError) -> Int? {
        guard isThere(name) else { return nil }
        guard let number = object.integer(name), range.contains(number) else {
            throw wrong(name, "a whole number, \(range.lowerBound)–\(range.upperBound)")
        }
        return Int(number)
    }

    mutating func milliseconds(_ name: String, _ range: ClosedRange<Int64>) throws(ProvidersFileError) -> Duration? {
        try number(name, range).map { .milliseconds($0) }
    }

    mutating func decimal(_ name: String, _ range: ClosedRange<Double>) throws(ProvidersFileError) -> Double? {
        guard isThere(name) else { return nil }
        guard object[name]?.kind == .number, let number = object.raw(name).flatMap({ Double($0.string()) }),
            range.contains(number)
        else { throw wrong(name, "a number, \(range.lowerBound)–\(range.upperBound)") }
        return number
    }

    mutating func flag(_ name: String) throws(ProvidersFileError) -> Bool? {
        guard isThere(name) else { return nil }
        guard let flag = object.flag(name) else { throw wrong(name, "true or false") }
        return flag
    }

    mutating func texts(_ name: String) throws(ProvidersFileError) -> [String]? {
        guard isThere(name) else { return nil }
        guard let elements = object.elements(name) else { throw wrong(name, "a list of texts") }
        var texts: [String] = []
        for element in elements {
            var scanner = JSONScanner(element)
            guard let token = try? scanner.document(), let text = token.string(in: element), !text.isEmpty else {
                throw wrong(name, "a list of texts")
            }
            texts.append(text)
        }
        return texts
    }

    mutating func inner(_ name: String) throws(ProvidersFileError) -> FieldReader? {
        guard isThere(name) else { return nil }
        guard let inner = object.object(name) else { throw wrong(name, "an object") }
        return FieldReader(inner, path: place(name))
    }

    mutating func inners(_ name: String) throws(ProvidersFileError) -> [FieldReader] {
        guard isThere(name) else { return [] }
        guard let elements = object.elements(name) else { throw wrong(name, "a list of objects") }
        var readers: [FieldReader] = []
        for (index, element) in elements.enumerated() {
            readers.append(try FieldReader(element, path: "\(place(name))[\(index)]"))
        }
        return readers
    }

    /// The members' names, all of which count as asked for.
    mutating func names() -> [String] {
        asked.formUnion(object.names)
        return object.names
    }

    /// Nothing is left that nobody has asked for.
    func end() throws(ProvidersFileError) {
        if let unknown = object.names.first(where: { !asked.contains($0) }) {
            throw ProvidersFileError(place(unknown), "is not known")
        }
    }

    func wrong(_ name: String, _ wanted: String) -> ProvidersFileError {
        ProvidersFileError(place(name), "must be \(wanted)")
    }

    private mutating func isThere(_ name: String) -> Bool {
        asked.insert(name)
        return object[name].map { $0.kind != .null } ?? false
    }
}
