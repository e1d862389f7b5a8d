import HubProtocol
import Testing

/// protocol.md, "Commands": rooms are `kind:id` with an optional side room.
@Suite("Names of rooms")
struct RoomNameTests {
    @Test(
        "are kind:id or kind:id/side",
        arguments: [
            ("ticket:42", "ticket", "42", nil), ("ticket:42/notes", "ticket", "42", "notes"),
            ("conversation:c9", "conversation", "c9", nil), ("user:u7", "user", "u7", nil),
            ("queue:support", "queue", "support", nil), ("a:b", "a", "b", nil), ("a:b:c", "a", "b:c", nil),
            ("A_.-@:@-._Z", "A_.-@", "@-._Z", nil), ("a:..b", "a", "..b", nil), ("a:b..", "a", "b..", nil),
            ("a:...", "a", "...", nil), ("a:./b", "a", ".", "b"), ("a:b/c:d", "a", "b", "c:d"),
            ("user:a@b.example", "user", "a@b.example", nil),
        ] as [(String, String, String, String?)]
    )
    func valid(text: String, kind: String, id: String, side: String?) throws {
        let name = try RoomName(validating: text)
        #expect(name.text == text)
        #expect(name.kind == kind)
        #expect(name.id == id)
        #expect(name.side.map { String($0) } == side)
        try lending(text) { view in
            let room = try RoomText(validating: view)
            #expect(room.bytes == view)
            #expect(room.kind.string() == kind)
            #expect(room.id.string() == id)
            #expect(room.side?.string() == side)
            #expect(RoomName(room) == name)
            #expect(try RoomName(validating: view) == name)
        }
    }

    @Test(
        "are nothing else",
        arguments: [
            "", ":", "/", "42", "ticket", "ticket:", ":42", "ticket:42/", "ticket:/notes", "/ticket:42", "ticket/42",
            "ticket/42:notes", "ticket:42//notes", "ticket:42/notes/x", "ticket::42", "ticket:42:", "ticket:..",
            "..:42", "ticket:../x", "ticket:42/..", "ticket:a:..:b", "ticket: 42", "ticket:42 ", "ticket:4\n2",
            "ticket:é",
            "ticket:42?x", "ticket:42#x", "ticket:*", "ticket:%34", "ticket:42\\x", "tick\u{0}et:42", "билет:42",
            "a:b,c",
        ]
    )
    func invalid(text: String) {
        lending(text) { view in
            let error = #expect(throws: ErrorReply.self) { try RoomText(validating: view) }
            #expect(error?.code == .badRequest)
            #expect(error?.field == "room")
        }
        let fault = #expect(throws: CommandFault.self) { try RoomName(validating: text) }
        #expect(fault?.id == nil)
        #expect(fault?.error.field == "room")
    }

    @Test("have at most 128 bytes")
    func longest() {
        let longest = "ticket:" + String(repeating: "4", count: 121)
        #expect(throws: Never.self) { try RoomName(validating: longest) }
        #expect(throws: CommandFault.self) { try RoomName(validating: longest + "4") }
    }

    @Test("that are equal are one entry of a dictionary, wherever they lie")
    func hashing() throws {
        try lending("ticket:42") { one in
            try lending("xticket:42") { two in
                let rooms = try Set([RoomText(validating: one), RoomText(validating: two[1..<10])])
                #expect(rooms.count == 1)
            }
        }
    }
}
