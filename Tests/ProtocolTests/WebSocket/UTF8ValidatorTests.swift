import Testing

@testable import HubProtocol

@Suite("UTF-8: RFC 3629, RFC 6455 §8.1")
struct UTF8ValidatorTests {
    /// Valid, incomplete (may become valid) or the offset of the first byte that cannot.
    private enum Verdict: Equatable {
        case valid, incomplete
        case wrong(at: Int)
    }

    private func verdict(_ bytes: [UInt8], step: Int) -> Verdict {
        var validator = UTF8Validator()
        for start in stride(from: 0, to: bytes.count, by: step) {
            let piece = Array(bytes[start..<min(start + step, bytes.count)])
            let isFine = piece.withUnsafeBytes { validator.consume(ByteView($0)) }
            if !isFine { return .wrong(at: start) }
        }
        return validator.isComplete ? .valid : .incomplete
    }

    private func isValid(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { UTF8Validator.isValid(ByteView($0)) }
    }

    @Test(
        "every sequence of up to two bytes, and of three and four over the edge values, is judged as the library does"
    )
    func agreesWithTheLibrary() {
        let edges: [UInt8] = [
            0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
            0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var sequences: [[UInt8]] = [[]]
        for first in UInt8.min...UInt8.max {
            sequences.append([first])
            for second in UInt8.min...UInt8.max { sequences.append([first, second]) }
        }
        for first in edges {
            for second in edges {
                for third in edges {
                    sequences.append([first, second, third])
                    for fourth in edges { sequences.append([first, second, third, fourth]) }
                }
            }
        }
        var differences = 0
        for sequence in sequences where isValid(sequence) != (String(validating: sequence, as: UTF8.self) != nil) {
            differences += 1
        }
        #expect(differences == 0)
        #expect(sequences.count > 300_000)
    }

    @Test(
        "the first byte that cannot become valid is where it fails",
        arguments: [
            ("CE BA E1 BD B9 CF 83 CE BC CE B5 ED A0 80", 12),  // a surrogate
            ("C0 AF", 0), ("C1 81", 0), ("80", 0), ("FF", 0), ("F5 80", 0),
            ("E0 80 AF", 1), ("E0 9F BF", 1), ("ED A0 80", 1), ("ED BF BF", 1),
            ("F0 80 80 AF", 1), ("F0 8F BF BF", 1), ("F4 90 80 80", 1),
            ("E1 80 41", 2), ("F1 80 80 C2", 3), ("C2 41", 1), ("41 42 43 44 45 46 47 48 49 FE", 9),
        ]
    )
    func failsFast(_ text: String, _ offset: Int) {
        #expect(verdict(hex(text), step: 1) == .wrong(at: offset))
    }

    @Test(
        "what may go on is neither refused nor taken as whole",
        arguments: ["C2", "E0 A0", "ED 9F", "F0 90 80", "F4 8F BF"]
    )
    func incomplete(_ text: String) {
        #expect(verdict(hex(text), step: 1) == .incomplete)
        #expect(!isValid(hex(text)))
    }

    @Test("text of all widths is valid in pieces of every size, at every offset behind ASCII")
    func pieces() {
        for lead in 0..<40 {
            let text = Array((String(repeating: "a", count: lead) + "Привет €𝄞 hello hello hello hello 你好").utf8)
            for step in 1...text.count { #expect(verdict(text, step: step) == .valid) }
        }
    }

    @Test("a wrong byte is found at every place of a long text")
    func everyPlace() {
        let text = [UInt8](repeating: 0x41, count: 100)
        for place in text.indices {
            var wrong = text
            wrong[place] = 0xFF
            #expect(!isValid(wrong))
            #expect(verdict(wrong, step: 1) == .wrong(at: place))
        }
    }
}
