import Foundation
import Testing

/// Every input that the fuzzer found worth keeping, failures above all, through the same functions.
@Suite("Fuzzing corpus")
struct CorpusTests {
    @Test("Every kept input holds what its target promises", arguments: FuzzTarget.allCases)
    func holds(_ target: FuzzTarget) throws {
        let inputs = try Corpus.inputs(of: target)
        #expect(inputs.count >= 20, "a corpus this small says little: run scripts/fuzz")
        for input in inputs {
            #expect(throws: Never.self, "\(target.rawValue)/\(input.name)") { try target.run(input.bytes) }
        }
    }

    @Test("All corpora together stay under a megabyte")
    func isSmall() throws {
        let sizes = try FuzzTarget.allCases.flatMap { try Corpus.inputs(of: $0) }.map(\.bytes.count)
        #expect(sizes.reduce(0, +) < 1_000_000)
    }
}

enum Corpus {
    /// The committed inputs of a target, and those that broke it once.
    static func inputs(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Corpus").appendingPathComponent(target.rawValue)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            (name, [UInt8](try Data(contentsOf: folder.appendingPathComponent(name))))
        }
    }
}
