/// The fields of one `job.*` command: typed access with errors that name the field.
///
/// Borrows: valid as long as the bytes it was read from.
struct JobFields {
    private let object: JSONObject
    private let limits: CommandLimits

    /// What was said outside the object.
    private var outerJob: String?
    private var outerKey: String?

    /// Reads the whole object. Errors: `bad_request`.
    init(_ text: ByteView, job: String?, key: String?, limits: CommandLimits) throws(ErrorReply) {
        do throws(JSONFault) {
            object = try JSONObject(text, depth: limits.depth)
        } catch {
            throw ErrorReply(.badRequest, error.sentence)
        }
        self.limits = limits
        outerJob = job
        outerKey = key
    }

    private init(_ object: JSONObject, limits: CommandLimits) {
        self.object = object
        self.limits = limits
    }

    func has(_ name: String) -> Bool { object[name] != nil }

    /// A text of 1 to `longest` bytes.
    func text(_ name: String, upTo longest: Int) throws(ErrorReply) -> String? {
        guard has(name) else { return nil }
        guard let text = object.string(name) else { throw wrong(name, "a string") }
        guard (1...longest).contains(text.utf8.count) else {
            throw ErrorReply(.badRequest, "\(name) has 1 to \(longest) bytes", field: name)
        }
        return text
    }

    func requiredText(_ name: String, upTo longest: Int) throws(ErrorReply) -> String {
        guard let text = try text(name, upTo: longest) else { throw missing(name) }
        return text
    }

    /// The id of a job.
    func job() throws(ErrorReply) -> String {
        let job = try outer("job", outerJob, text("job", upTo: 64))
        guard JobFields.isIdentifier(job) else { throw wrong("job", "the id of a job: letters, digits, _ . -") }
        return job
    }

    /// The key of a send: 1–64 bytes.
    func key() throws(ErrorReply) -> String? {
        guard has("key") || outerKey != nil else { return nil }
        guard !has("key") || object.string("key") != nil else { throw wrong("key", "a string") }
        return try PostedEvent.validKey(try outer("key", outerKey, object.string("key")))
    }

    /// What was said outside the object, inside, or both times alike.
    private func outer(_ name: String, _ outside: String?, _ inside: String?) throws(ErrorReply) -> String {
        guard let value = outside ?? inside else { throw missing(name) }
        guard inside == nil || inside == value else {
            throw ErrorReply(.badRequest, "\(name) is given twice, differently", field: name)
        }
        return value
    }

    func kind(_ name: String, _ text: String) throws(ErrorReply) -> String {
        let isKind = Array(text.utf8).withUnsafeBytes { Kind.isWellFormed(ByteView($0)) }
        guard isKind else { throw ErrorReply(.badRequest, "a kind has 1 to 64 bytes of a-z 0-9 _ . -", field: name) }
        return text
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) throws(ErrorReply) -> Int64? {
        guard has(name) else { return nil }
        guard let value = object.integer(name) ?? wholeNumber(name), range.contains(value) else {
            throw wrong(name, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// An integer that was written as another number: `3e4`, `1.0`.
    private func wholeNumber(_ name: String) -> Int64? {
        guard object[name]?.kind == .number, let text = object.raw(name)?.string(), let number = Double(text) else {
            return nil
        }
        return Int64(exactly: number)
    }

    /// A number that is not negative, as it was written, up to 24 bytes.
    func amount(_ name: String) throws(ErrorReply) -> String? {
        guard let token = object[name] else { return nil }
        guard token.kind == .number, let raw = object.raw(name), raw.count <= 24, raw[0] != UInt8(ascii: "-") else {
            throw wrong(name, "a number that is not negative")
        }
        return raw.string()
    }

    func flag(_ name: String) throws(ErrorReply) -> Bool? {
        guard has(name) else { return nil }
        guard let flag = object.flag(name) else { throw wrong(name, "true or false") }
        return flag
    }

    /// Any JSON value, in one line; `too_large` over the limit of `data`.
    func value(_ name: String) throws(ErrorReply) -> [UInt8]? {
        guard let raw = object.raw(name) else { return nil }
        let value = JSONText.removeLineBreaks(raw)
        guard value.count <= limits.dataBytes else {
            throw ErrorReply(.tooLarge, "\(name) has at most \(limits.dataBytes) bytes", field: name)
        }
        return value
    }

    /// 1 to `most` kinds.
    func kinds(_ name: String, most: Int) throws(ErrorReply) -> [String] {
        guard has(name) else { throw missing(name) }
        let expected = "a list of 1 to \(most) kinds"
        guard let elements = object.elements(name), (1...most).contains(elements.count) else {
            throw wrong(name, expected)
        }
        var kinds: [String] = []
        for element in elements {
            // An element's own text is its content between the quotes: a kind holds nothing that is escaped.
            guard element.count >= 2, element[0] == UInt8(ascii: "\"") else { throw wrong(name, expected) }
            kinds.append(try kind(name, element[1..<(element.count - 1)].string()))
        }
        return kinds
    }

    /// What `job.progress` says of a file: its path, size and hash, and where it can be had.
    func file() throws(ErrorReply) -> [UInt8]? {
        guard has("file") else { return nil }
        guard let inner = object.object("file") else { throw wrong("file", "an object with path, size and hash") }
        let file = JobFields(inner, limits: limits)
        do throws(ErrorReply) {
            let path = try file.requiredText("path", upTo: 512)
            guard let size = try file.integer("size", in: 0...CommandLimits.largestInteger) else {
                throw file.missing("size")
            }
            let hash = try file.requiredText("hash", upTo: 128)
            let url = try file.text("url", upTo: 2048)
            var writer = JSONObjectWriter()
            writer.member("path", path)
            writer.member("size", size)
            writer.member("hash", hash)
            if let url { writer.member("url", url) }
            return writer.finish()
        } catch {
            var error = error
            error.field = error.field.map { "file.\($0)" } ?? "file"
            throw error
        }
    }

    func missing(_ name: String) -> ErrorReply {
        ErrorReply(.badRequest, "\(name) is missing", field: name)
    }

    func wrong(_ name: String, _ expected: String) -> ErrorReply {
        ErrorReply(.badRequest, "\(name) is to be \(expected)", field: name)
    }

    /// 1–64 bytes of `[A-Za-z0-9_-]`: such an id makes a room's name.
    static func isIdentifier(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
