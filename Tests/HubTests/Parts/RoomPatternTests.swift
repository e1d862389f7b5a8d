import Testing

@testable import HubCore

@Suite struct RoomPatternTests {
    @Test(arguments: [
        ("ticket:*", "ticket:42", true), ("ticket:*", "ticket:42/notes", true), ("ticket:*", "tickets:42", false),
        ("ticket:4*", "ticket:42", true), ("ticket:4*", "ticket:5", false), ("*", "map:m3", true),
        ("ticket:42", "ticket:42", true), ("ticket:42", "ticket:42/notes", true), ("ticket:42", "ticket:421", false),
        ("ticket:42/notes", "ticket:42", false), ("ticket:42/notes", "ticket:42/notes", true),
        ("", "ticket:42", false), ("ticket:4*2", "ticket:4*2", true), ("ticket:4*2", "ticket:42", false),
    ])
    func aPatternIsANameOrABeginning(_ pattern: String, _ name: String, _ matches: Bool) {
        #expect(RoomPattern.matches(pattern, name) == matches)
    }
}
