import Foundation
import HubProtocol
import Testing

/// protocol.md, "Pushes": members and their order. The lines were not written by the encoder.
@Suite("Pushes")
struct PushTests {
    private static let vectors = WireVector.load("pushes.json")
    private static let anna = PersonInfo(user: "anna", name: "Анна", roles: ["user"], since: 1_763_700_000_000)
    private static let operators = PersonInfo(
        user: "u7",
        name: "O\"Neil \\ Öz",
        roles: ["operator", "admin"],
        since: 1_763_700_000_001
    )

    private static let encoders: [String: @Sendable (inout [UInt8]) -> Void] = [
        "kept event": { out in
            _ = lending(#"{"text":"Привет"}"#) { data in
                Push.kept(
                    room: "ticket:42",
                    offset: 121,
                    at: 1_763_700_000_123,
                    by: "u7",
                    kind: "message",
                    key: nil,
                    data: data,
                    into: &out
                )
            }
        },
        "kept event with key": { out in
            _ = lending(#"[1,null,"x"]"#) { data in
                Push.kept(
                    room: "ticket:42",
                    offset: 1,
                    at: 1_763_700_000_123,
                    by: "anna",
                    kind: "note.v2",
                    key: "k\"1",
                    data: data,
                    into: &out
                )
            }
        },
        "kept event whose data is a string": { out in
            _ = lending(#""plain""#) { data in
                Push.kept(
                    room: "map:m3",
                    offset: 9_007_199_254_740_991,
                    at: 0,
                    by: "u",
                    kind: "a",
                    key: nil,
                    data: data,
                    into: &out
                )
            }
        },
        "signal": { Push.ephemeral(room: "ticket:42", kind: "typing", by: "u7", data: nil, into: &$0) },
        "signal with data": { out in
            lending(#"{"x":1,"y":-2.5}"#) {
                Push.ephemeral(room: "ticket:42", kind: "cursor", by: "u7", data: $0, into: &out)
            }
        },
        "presence": { Push.presence(room: "ticket:42", join: [anna, operators], leave: ["u9"], into: &$0) },
        "presence, nobody": { Push.presence(room: "ticket:42", join: [], leave: [], into: &$0) },
        "read mark": { Push.readMark(room: "ticket:42", by: "u7", upto: 121, into: &$0) },
        "durable watermark": { Push.durable(room: "ticket:42", offset: 121, into: &$0) },
        "gone": { Push.gone(room: "ticket:42/notes", code: .forbidden, into: &$0) },
        "expiring": { Push.expiring(inMilliseconds: 60000, into: &$0) },
        "drain": { Push.drain(reconnectAfter: 1830, deadline: 20000, into: &$0) },
        "delta": { out in
            lending("ещё\n") {
                Push.delta(
                    room: "ticket:42",
                    stream: "s9",
                    attempt: 1,
                    from: 12,
                    to: 15,
                    text: $0,
                    into: &out
                )
            }
        },
        "snapshot": { out in
            lending("") {
                Push.snapshot(room: "ticket:42", stream: "s9", attempt: 2, to: 0, text: $0, into: &out)
            }
        },
        "usage": {
            let data = [UInt8](#"{"tokens_in":10,"tokens_out":2}"#.utf8)
            Push.usage(room: "ticket:42", stream: "s9", data: data, into: &$0)
        },
        "cancel": { Push.cancel(stream: "s9", by: "anna", into: &$0) },
        "control characters of a name": {
            let name = "a\u{1}\u{8}\t\n\u{c}\r\u{1f}\u{7f}\u{2028}/😀"
            Push.ephemeral(room: "ticket:42", kind: "typing", by: name, data: nil, into: &$0)
        },
    ]

    @Test("are encoded byte for byte as the vectors say", arguments: vectors)
    func golden(vector: WireVector) throws {
        var out = [UInt8]("before".utf8)
        let encode = try #require(PushTests.encoders[vector.name])
        encode(&out)
        #expect(String(decoding: out, as: UTF8.self) == "before" + vector.line)
        #expect(try FoundationReader.object([UInt8](vector.line.utf8)) == vector.members() as NSObject)
    }

    @Test("have a vector each")
    func complete() {
        #expect(Set(PushTests.encoders.keys) == Set(PushTests.vectors.map(\.name)))
    }

    @Test("of kept events tell where their data lies", arguments: ["", "k"])
    func dataRange(key: String) {
        var out = [UInt8]("{}\n".utf8)
        let data = #"{"text":"x"}"#
        let range = lending(data) { view in
            Push.kept(
                room: "a:b",
                offset: 7,
                at: 1,
                by: "u",
                kind: "m",
                key: key.isEmpty ? nil : key,
                data: view,
                into: &out
            )
        }
        let line = [UInt8](out.dropFirst(3))
        #expect(String(decoding: line[range], as: UTF8.self) == data)
    }
}
