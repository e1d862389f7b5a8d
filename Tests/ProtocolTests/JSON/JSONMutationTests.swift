import HubProtocol
import Testing

/// The same verdict as Foundation's reader on 40 000 texts that are valid but for a few changed bytes.
@Suite("JSON that was changed at random")
struct JSONMutationTests {
    private static let alphabet =
        [UInt8](#"{}[]:,"\/0123456789+-.eEtrufalsn bx "#.utf8) + [9, 10, 13, 1, 0x7f, 0xc3, 0xa9, 0xff]

    @Test("is taken or refused as Foundation does, where both follow the RFC", arguments: 0..<8)
    func agreesWithFoundation(seed: Int) {
        var random = SeededNumbers(seed: UInt64(seed))
        var accepted = 0
        var compared = 0
        for _ in 0..<5000 {
            let text = JSONMutationTests.mutant(&random)
            guard !hasLargeExponent(text), let verdict = JSONMutationTests.verdict(text) else { continue }
            compared += 1
            if verdict { accepted += 1 }
            let theirs = FoundationReader.accepts(text)
            #expect(verdict == theirs, "\(String(decoding: text, as: UTF8.self).debugDescription)")
        }
        #expect(compared > 4000)
        #expect(accepted > 500)
    }

    /// An exponent of three digits or more: Foundation refuses what no Double holds, the grammar does not.
    private func hasLargeExponent(_ text: [UInt8]) -> Bool {
        var digits = -1
        for byte in text {
            switch byte {
            case UInt8(ascii: "e"), UInt8(ascii: "E"): digits = 0
            case UInt8(ascii: "+"), UInt8(ascii: "-"): if digits != 0 { digits = -1 }
            case UInt8(ascii: "0")...UInt8(ascii: "9"): if digits >= 0 { digits += 1 }
            default: digits = -1
            }
            if digits == 3 { return true }
        }
        return false
    }

    /// nil where there is nothing to compare: this hub is stricter than the RFC on purpose, or Foundation is
    /// laxer (it takes a comma before a closing bracket).
    private static func verdict(_ text: [UInt8]) -> Bool? {
        lending(text) { view in
            do throws(JSONFault) {
                try JSONText.check(view, requireUTF8: true)
                return true
            } catch {
                switch error.reason {
                case .nul, .loneSurrogate, .tooDeep: return nil
                case .unexpectedByte where isBehindComma(error.position, in: text): return nil
                default: return false
                }
            }
        }
    }

    private static func isBehindComma(_ position: Int, in text: [UInt8]) -> Bool {
        guard text[position] == UInt8(ascii: "]") || text[position] == UInt8(ascii: "}") else { return false }
        return text[..<position].last { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: ",")
    }

    private static func mutant(_ random: inout SeededNumbers) -> [UInt8] {
        var text = [UInt8]((JSONVectors.accepted.randomElement(using: &random) ?? "").utf8)
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let place = Int.random(in: 0...text.count, using: &random)
            let byte = alphabet.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<4, using: &random) {
            case 0: text.insert(byte, at: place)
            case 1 where place < text.count: text[place] = byte
            case 2 where place < text.count: text.remove(at: place)
            default:
                let other = (JSONVectors.accepted.randomElement(using: &random) ?? "").utf8
                text.insert(contentsOf: other, at: place)
            }
        }
        return text
    }
}
