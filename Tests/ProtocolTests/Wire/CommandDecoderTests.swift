import Foundation
import HubProtocol
import Testing

/// protocol.md, "Connection" and "Commands", line by line from Tests/Vectors/wire/commands.json.
@Suite("Reading commands")
struct CommandDecoderTests {
    private static let vectors = WireVector.load("commands.json")

    @Test("gives every field of a good line", arguments: vectors.filter { $0.code == nil })
    func good(vector: WireVector) throws {
        let expected = try vector.members()
        try lending(vector.line) { line in
            var decoder = CommandDecoder()
            let read = try CommandMembers.of(decoder.decode(line))
            for (name, value) in expected where CommandMembers.known.contains(name) {
                #expect(CommandMembers.matches(read[name], value), "\(name)")
            }
        }
    }

    @Test("names code, field and id of a bad line", arguments: vectors.filter { $0.code != nil })
    func bad(vector: WireVector) {
        lending(vector.line) { line in
            var decoder = CommandDecoder()
            let fault = #expect(throws: CommandFault.self) { try decoder.decode(line) }
            #expect(fault?.error.code.rawValue == vector.code)
            #expect(fault?.error.field == vector.field)
            #expect(fault?.id == vector.id)
            #expect(fault?.error.message.isEmpty == false)
            #expect(fault?.error.retryAfter == nil)
            #expect(fault?.error.current == nil)
        }
    }

    @Test("never takes a line that was cut short", arguments: vectors.filter { $0.code == nil })
    func truncations(vector: WireVector) {
        let bytes = [UInt8](vector.line.utf8)
        let end = bytes.lastIndex(of: UInt8(ascii: "}")) ?? 0
        var decoder = CommandDecoder()
        for length in 0...end {
            lending([UInt8](bytes[..<length])) { line in
                let fault = #expect(throws: CommandFault.self) { try decoder.decode(line) }
                #expect(fault?.error.code == .badRequest)
            }
        }
    }

    @Test("survives lines changed at random, and what it takes is valid JSON with an id", arguments: 0..<4)
    func mutations(seed: Int) {
        var random = SeededNumbers(seed: UInt64(seed))
        var decoder = CommandDecoder()
        var taken = 0
        for _ in 0..<5000 {
            var line = [UInt8]((CommandDecoderTests.vectors.randomElement(using: &random)?.line ?? "").utf8)
            for _ in 0..<Int.random(in: 0...2, using: &random) where !line.isEmpty {
                let place = Int.random(in: 0..<line.count, using: &random)
                line[place] = UInt8(Array("\"\\{}[]:,01e-. udabc\u{7f}".utf8).randomElement(using: &random) ?? 0)
            }
            lending(line) { view in
                do throws(CommandFault) {
                    let command = try decoder.decode(view)
                    taken += 1
                    #expect(command.id >= 1)
                    #expect(!CommandMembers.of(command).isEmpty)
                    #expect(JSONText.isValid(view, requireUTF8: false))
                } catch {
                    #expect(!error.error.message.isEmpty)
                }
            }
        }
        #expect(taken > 500)
    }

    @Test("keeps nothing from one line to the next")
    func isStateless() throws {
        var decoder = CommandDecoder()
        try lending(
            #"{"id":1,"cmd":"sub","room":"a:b","since":7,"epoch":"e","limit":1,"presence":true,"durable":true}"#
        ) {
            _ = try decoder.decode($0)
        }
        try lending(#"{"id":2,"cmd":"sub","room":"c:d"}"#) { line in
            guard case .sub(let fields) = try decoder.decode(line).body else {
                Issue.record("not a sub")
                return
            }
            #expect(fields.room.bytes.equals("c:d"))
            #expect(fields.since == nil)
            #expect(fields.epoch == nil)
            #expect(fields.limit == 50)
            #expect(!fields.presence)
            #expect(!fields.durable)
        }
        lending(#"{"cmd":"ping","x":1}"#) { line in
            let fault = #expect(throws: CommandFault.self) { try decoder.decode(line) }
            #expect(fault?.id == nil)
        }
        let id = try lending(#"{"id":3,"cmd":"ping","x":1}"#) { try decoder.decode($0).id }
        #expect(id == 3)
    }
}
