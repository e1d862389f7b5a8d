import Foundation
import HubProtocol
import Testing

/// protocol.md, "Commands": the `ok` of each command and the order of its members.
@Suite("Replies")
struct ReplyTests {
    private static let vectors = WireVector.load("replies.json")
    private static let pushes = WireVector.load("pushes.json")

    private static func push(_ name: String) -> [UInt8] {
        [UInt8]((pushes.first { $0.name == name }?.line ?? "").utf8)
    }

    private static let events = [push("kept event with key"), push("kept event")]
    private static let anna = PersonInfo(user: "anna", name: "Анна", roles: ["user"], since: 1_763_700_000_000)
    private static let operators = PersonInfo(
        user: "u7",
        name: "O\"Neil \\ Öz",
        roles: ["operator", "admin"],
        since: 1_763_700_000_001
    )
    private static let limits = HelloAnswer.Limits(
        frame: 262_144,
        data: 65_536,
        rooms: 200,
        key: 64,
        history: 500,
        stream: 1_048_576
    )
    private static let sub = SubAnswer(
        epoch: "e1",
        head: 121,
        durable: 120,
        recovered: true,
        events: events,
        more: true,
        reads: [(user: "u7", upto: 121), (user: "anna", upto: 3)]
    )
    private static let truncated = SubAnswer(
        epoch: "e2",
        head: 5,
        durable: 5,
        recovered: true,
        truncatedTo: 4,
        events: [],
        more: false,
        streams: [
            [UInt8](
                #"{"room":"ticket:42","kind":"snapshot","stream":"s9","attempt":1,"to":3,"text":"abc","state":"open"}"#
                    .utf8
            )
        ],
        presence: [anna]
    )
    private static let badRoom = ErrorReply(.badRequest, "no part of a room's name is empty or \"..\"", field: "room")
    private static let conflict = ErrorReply(
        .conflict,
        "\"older\"",
        field: "if_version",
        retryAfter: 1500,
        current: [UInt8](#"{"version":3}"#.utf8)
    )

    private static func hello(_ roles: [String], now: Int64, ping: Int64, expires: Int64) -> HelloAnswer {
        HelloAnswer(user: "anna", roles: roles, session: "s-1", now: now, ping: ping, expires: expires, limits: limits)
    }

    private static let encoders: [String: @Sendable (inout [UInt8]) -> Void] = [
        "empty": { Reply.empty(id: 1, into: &$0) },
        "error": {
            Reply.error(id: 7, ErrorReply(.forbidden, "you may not write there", field: "room"), into: &$0)
        },
        "error without an id": {
            Reply.error(id: nil, ErrorReply(.badRequest, "not a JSON object (byte 0)"), into: &$0)
        },
        "error with everything": { Reply.error(id: 9_007_199_254_740_991, conflict, into: &$0) },
        "hello": {
            let answer = hello(["user"], now: 1_763_700_000_000, ping: 25000, expires: 1_763_703_600_000)
            Reply.hello(id: 1, answer, into: &$0)
        },
        "hello of a hub with an assistant": {
            var answer = hello([], now: 1, ping: 2, expires: 3)
            answer.hasAssistant = true
            Reply.hello(id: 1, answer, into: &$0)
        },
        "hello with rooms": {
            var answer = hello([], now: 1, ping: 2, expires: 3)
            answer.rooms = [
                ("ticket:42", .success(sub)), ("ticket:", .failure(badRoom)),
                ("a\"b", .failure(ErrorReply(.notFound, "m"))),
            ]
            Reply.hello(id: 1, answer, into: &$0)
        },
        "auth": { Reply.auth(id: 2, expires: 1_763_703_600_000, roles: ["operator", "admin"], into: &$0) },
        "sub": { Reply.sub(id: 3, sub, into: &$0) },
        "sub, truncated, with presence": { Reply.sub(id: 4, truncated, into: &$0) },
        "send": {
            Reply.send(id: 5, offset: 122, epoch: "e1", at: 1_763_700_000_123, duplicate: false, into: &$0)
        },
        "send, duplicate": {
            Reply.send(id: 6, offset: 121, epoch: "e1", at: 1_763_700_000_123, duplicate: true, into: &$0)
        },
        "stream.open": { Reply.streamOpen(id: 11, offset: 122, next: 0, attempt: 1, into: &$0) },
        "stream.append": { Reply.streamAppend(id: 12, next: 15, durable: 12, into: &$0) },
        "stream.close": { Reply.streamClose(id: 13, offset: 123, into: &$0) },
        "ask": {
            Reply.ask(
                id: 14,
                offset: 121,
                epoch: "e1",
                at: 1_763_700_000_123,
                stream: "ask:121:ticket:42",
                duplicate: false,
                into: &$0
            )
        },
        "ask, duplicate": {
            Reply.ask(
                id: 15,
                offset: 121,
                epoch: "e1",
                at: 1_763_700_000_123,
                stream: "ask:121:ticket:42",
                duplicate: true,
                into: &$0
            )
        },
        "history": { Reply.history(id: 8, events: events, more: false, epoch: "e1", into: &$0) },
        "presence": { Reply.presence(id: 9, people: [anna, operators], into: &$0) },
        "ping": {
            Reply.ping(id: 10, now: 1_763_700_000_123, heads: [("ticket:42", 121), ("user:u7", 0)], into: &$0)
        },
    ]

    @Test("are encoded byte for byte as the vectors say", arguments: vectors)
    func golden(vector: WireVector) throws {
        var out = [UInt8]("before".utf8)
        let encode = try #require(ReplyTests.encoders[vector.name])
        encode(&out)
        #expect(String(decoding: out, as: UTF8.self) == "before" + vector.line)
        #expect(try FoundationReader.object([UInt8](vector.line.utf8)) == vector.members() as NSObject)
    }

    @Test("have a vector each")
    func complete() {
        #expect(Set(ReplyTests.encoders.keys) == Set(ReplyTests.vectors.map(\.name)))
    }

    @Test("know exactly the error codes of protocol.md")
    func codes() {
        #expect(
            ErrorCode.allCases.map(\.rawValue) == [
                "bad_request", "unauthorized", "forbidden", "not_found", "conflict", "too_large", "rate_limited",
                "busy",
                "unavailable", "unsupported", "internal",
            ]
        )
    }
}
