import HubProtocol
import Testing

@Suite("An object read whole")
struct JSONObjectTests {
    @Test("gives each member by its type, and nothing for another type")
    func members() throws {
        let text = #"{"s":"a\n","n":-12,"f":1.5,"t":true,"u":false,"o":{"x":"y"},"l":[1, "b" ,{}],"z":null,"\u006b":1}"#
        try lending(text) { view in
            let object = try JSONObject(view)
            #expect(object.names == ["s", "n", "f", "t", "u", "o", "l", "z", "k"])
            #expect(object.string("s") == "a\n")
            #expect(object.integer("n") == -12)
            #expect(object.integer("f") == nil)
            #expect(object.flag("t") == true)
            #expect(object.flag("u") == false)
            #expect(object.object("o")?.string("x") == "y")
            #expect(object.elements("l")?.map { $0.string() } == ["1", "\"b\"", "{}"])
            #expect(object["z"]?.kind == .null)
            #expect(object.raw("f")?.string() == "1.5")
            #expect(object.integer("k") == 1)
            for name in ["n", "missing"] {
                #expect(object.string(name) == nil)
                #expect(object.flag(name) == nil)
                #expect(object.object(name) == nil)
                #expect(object.elements(name) == nil)
            }
            #expect(object.integer("s") == nil)
            #expect(object.raw("missing") == nil)
        }
    }

    @Test("of no members is one too")
    func empty() throws {
        let names = try lending(" { } ") { try JSONObject($0).names }
        #expect(names.isEmpty)
        let elements = try lending(#"{"l":[]}"#) { try JSONObject($0).elements("l")?.count }
        #expect(elements == 0)
    }

    @Test(
        "is refused where it is none",
        arguments: [
            ("[]", JSONFault(.notAnObject, at: 0)), ("", JSONFault(.endsEarly, at: 0)),
            ("{}x", JSONFault(.trailingBytes, at: 2)),
            (#"{"a":1,"\u0061":2}"#, JSONFault(.duplicateMember, at: 7)),
            (#"{"a":[}"#, JSONFault(.unexpectedByte, at: 6)),
            (#"{"a":1 "b":2}"#, JSONFault(.unexpectedByte, at: 7)), (#"{"a":1,}"#, JSONFault(.unexpectedByte, at: 7)),
        ]
    )
    func refused(text: String, fault: JSONFault) {
        lending(text) { view in
            #expect(throws: fault) { try JSONObject(view) }
        }
    }

    @Test("has two members where Unicode holds two names equivalent and JSON does not")
    func equivalentNames() throws {
        try lending("{\"\u{E9}\":1,\"e\u{301}\":2}") { view in
            let object = try JSONObject(view)
            #expect(object.integer("\u{E9}") == 1)
            #expect(object.integer("e\u{301}") == 2)
        }
    }

    @Test("is refused where it is not UTF-8 or too deep")
    func refusedBytes() {
        lending([UInt8](#"{"a":""#.utf8) + [0xff] + [UInt8](#""}"#.utf8)) { view in
            #expect(throws: JSONFault(.malformedUTF8, at: 6)) { try JSONObject(view) }
        }
        lending(#"{"a":[[]]}"#) { view in
            #expect(throws: JSONFault(.tooDeep, at: 6)) { try JSONObject(view, depth: 2) }
            #expect(throws: JSONFault(.tooDeep, at: 0)) { try JSONObject(view, depth: 0) }
        }
    }

    @Test("gives no inner object that has a member twice")
    func innerDuplicates() throws {
        try lending(#"{"o":{"a":1,"a":2}}"#) { view in
            let object = try JSONObject(view)
            #expect(object.object("o") == nil)
            #expect(object["o"]?.kind == .object)
        }
    }
}
