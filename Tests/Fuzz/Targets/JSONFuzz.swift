@testable import HubProtocol

/// Text through the JSON parts: the scanner takes what a plain recursive reader takes and nothing else; what is written
/// from it reads as the same; numbers and members are read as that reader reads them.
///
/// Input: the depth allowed (0–64), the text.
enum JSONFuzz {
    static func run(_ input: [UInt8]) throws(BrokenPromise) {
        var reader = FuzzInput(input)
        let depth = Int(reader.byte()) % 65
        let text = reader.rest()
        let tree = JSONTree.read(text, depth: depth)
        try Lent.view(text) { view throws(BrokenPromise) in
            do throws(JSONFault) {
                try JSONText.check(view, requireUTF8: true, depth: depth)
            } catch {
                try hold(tree == nil, "refused, and it is JSON: \(error)")
                try hold((0...text.count).contains(error.position), "a fault outside of the text: \(error)")
            }
            guard JSONText.isValid(view, requireUTF8: true, depth: depth) else { return }
            guard let tree else { throw BrokenPromise(description: "taken, and it is no JSON") }
            try rewritten(tree, depth)
            try members(of: view, tree, depth)
            try numbers(tree)
            try withoutLineBreaks(view, tree, depth)
        }
    }

    private static func rewritten(_ tree: JSONTree, _ depth: Int) throws(BrokenPromise) {
        var text: [UInt8] = []
        tree.write(to: &text)
        try hold(JSONTree.read(text, depth: depth) == tree, "written again it reads as something else")
        try Lent.view(text) { view throws(BrokenPromise) in
            try hold(JSONText.isValid(view, requireUTF8: true, depth: depth), "what the writer wrote is refused")
            try hold(view.firstIndex(of: UInt8(ascii: "\n")) == nil, "the writer wrote a line feed")
        }
    }

    private static func members(of view: ByteView, _ tree: JSONTree, _ depth: Int) throws(BrokenPromise) {
        guard case .object(let pairs) = tree else {
            try hold((try? JSONObject(view, depth: depth)) == nil, "something else was taken for an object")
            return
        }
        let object: JSONObject
        do throws(JSONFault) {
            object = try JSONObject(view, depth: depth)
        } catch {
            let isTwice = Set(pairs.map(\.name)).count < pairs.count
            try hold(isTwice && error.reason == .duplicateMember, "an object refused: \(error)")
            return
        }
        try hold(object.names.map { Array($0.utf8) } == pairs.map(\.name), "other names than there are")
        for pair in pairs {
            let name = String(decoding: pair.name, as: UTF8.self)
            let raw = object.raw(name).map { JSONTree.read($0.array(), depth: depth) }
            try hold(raw == pair.value, "another member than \(name)")
            if case .string(let text) = pair.value {
                try hold(object.string(name).map { Array($0.utf8) } == text, "another string than was written")
            }
        }
    }

    private static func numbers(_ tree: JSONTree) throws(BrokenPromise) {
        switch tree {
        case .object(let pairs): for pair in pairs { try numbers(pair.value) }
        case .array(let values): for value in values { try numbers(value) }
        case .number(let digits):
            let text = String(decoding: digits, as: UTF8.self)
            let expected = text == "-0" ? nil : Int64(text)
            try Lent.view(digits) { view throws(BrokenPromise) in
                try hold(JSONInteger.value(of: view) == expected, "\(text) is read as another number")
            }
            guard let expected else { return }
            var written: [UInt8] = []
            JSONText.append(expected, into: &written)
            try hold(written == digits, "\(expected) is written differently")
        case .string, .word: break
        }
    }

    private static func withoutLineBreaks(_ view: ByteView, _ tree: JSONTree, _ depth: Int) throws(BrokenPromise) {
        let line = JSONText.removeLineBreaks(view)
        try hold(!line.contains(UInt8(ascii: "\n")) && !line.contains(UInt8(ascii: "\r")), "a line break is left")
        try hold(JSONTree.read(line, depth: depth) == tree, "without line breaks it is something else")
    }
}

extension JSONTree {
    /// Writes the value with what the hub writes with.
    func write(to text: inout [UInt8]) {
        switch self {
        case .object(let pairs):
            JSONText.appendMap(
                pairs.map { (String(decoding: $0.name, as: UTF8.self), $0.value) },
                into: &text
            ) { $0.write(to: &$1) }
        case .array(let values): JSONText.appendList(values, into: &text) { $0.write(to: &$1) }
        case .string(let content): content.withUnsafeBytes { JSONText.appendString(ByteView($0), into: &text) }
        case .number(let digits): text += digits
        case .word(let word): text += Array(word.utf8)
        }
    }
}
