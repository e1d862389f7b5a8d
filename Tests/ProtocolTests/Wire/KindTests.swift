import HubProtocol
import Testing

/// protocol.md, "Commands": kinds and the list of reserved ones.
@Suite("Kinds of events")
struct KindTests {
    @Test(
        "of the hub are forbidden to clients",
        arguments: [
            "stream", "delta", "snapshot", "usage", "presence", "read", "job", "status", "ticket_created",
            "ticket_assigned", "message_received", "status_changed", "priority_changed", "sla_breached", "ticket_",
            "ticket_x", "desk.", "desk.note", "map.", "map.node.moved", "sys.", "sys.x", "ticket_123456789",
        ]
    )
    func reserved(kind: String) {
        lending(kind) { view in
            #expect(Kind.isReserved(view))
            let error = #expect(throws: ErrorReply.self) { try Kind.check(view) }
            #expect(error?.code == .forbidden)
            #expect(error?.field == "kind")
        }
    }

    @Test(
        "that only resemble them are free",
        arguments: [
            "message", "typing", "cursor", "streams", "deltas", "snap", "usages", "presences", "reads", "jobs", "jo",
            "a",
            "statuses", "ticket", "ticket-x", "ticketed", "desk", "desks", "desk_", "map", "maps.", "sys", "syst.",
            "sla",
            "message_receive", "message_received2", "status_change", "x.desk.", "note.v2", "0", ".", "-", "_",
            "my_ticket_",
        ]
    )
    func free(kind: String) {
        lending(kind) { view in
            #expect(!Kind.isReserved(view))
            #expect(throws: Never.self) { try Kind.check(view) }
        }
    }

    @Test(
        "have 1 to 64 bytes of [a-z0-9_.-]",
        arguments: [
            "", "Message", "a b", "a/b", "a:b", "é", "a\n", "a\u{0}", "STREAM", String(repeating: "a", count: 65),
        ]
    )
    func malformed(kind: String) {
        lending(kind) { view in
            #expect(!Kind.isWellFormed(view))
            let error = #expect(throws: ErrorReply.self) { try Kind.check(view) }
            #expect(error?.code == .badRequest)
            #expect(error?.field == "kind")
        }
    }

    @Test("may be as long as 64 bytes")
    func longest() {
        lending(String(repeating: "a", count: 64)) { view in
            #expect(throws: Never.self) { try Kind.check(view) }
        }
    }
}
