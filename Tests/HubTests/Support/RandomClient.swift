import Testing

@testable import HubCore

/// A client that does things at random and knows what it may be told: after the answer that joined it, each room's
/// offsets go up by one, and each command gets one reply.
final class RandomClient {
    struct Sent: Hashable {
        let room: String
        let text: String
    }

    struct Outcome: Sendable {
        /// What was seen, by room and offset.
        var logs: [String: [Int64: String]] = [:]
        /// The last offset seen in each room, without gaps from where the client first joined.
        var last: [String: Int64] = [:]
        /// The offsets that acknowledged sends were given.
        var sent: [Sent: Int64] = [:]
        var faults: [String] = []
    }

    private let hub: TestHub
    private let rooms: [String]
    private let index: Int
    private var random: SeededRandom
    private var peer: Peer?
    private var looked = 0
    private var texts = 0
    /// Rooms whose answer has come and whose `unsub` has not been answered.
    private var inside: Set<String> = []
    /// Commands without a reply yet.
    private var waiting: [Int64: Command] = [:]
    /// Sends whose reply was cut off.
    private var unanswered: [Command] = []
    private(set) var outcome = Outcome()

    private enum Command {
        case sub(String)
        case unsub(String)
        case send(Sent, [String: JSON])
        case other
    }

    init(_ hub: TestHub, _ rooms: [String], index: Int, seed: UInt64) {
        self.hub = hub
        self.rooms = rooms
        self.index = index
        random = SeededRandom(seed: seed)
    }

    func live(steps: Int) throws {
        for _ in 0..<steps { try step() }
        try settle()
        // Unacknowledged sends are sent again with their keys, as an outbox does.
        if peer == nil { try connect() }
        for case .send(let sent, let fields) in unanswered { try say("send", fields, .send(sent, fields)) }
        try settle()
    }

    private func step() throws {
        guard peer != nil else { return try connect() }
        let room = rooms.randomElement(using: &random)!
        switch Int.random(in: 0..<100, using: &random) {
        case ..<50: try send(room)
        case ..<62: try subscribe(room)
        case ..<70: try say("unsub", ["room": .text(room)], .unsub(room))
        case ..<76: try say("signal", ["room": .text(room), "kind": "typing"], .other)
        case ..<80: try say("history", ["room": .text(room), "limit": 5], .other)
        case ..<84: try say("read", ["room": .text(room), "upto": 0], .other)
        case ..<94: try settle()
        default: cut()
        }
    }

    // MARK: Saying

    private func connect() throws {
        let offers = [nil, "permessage-deflate", nil]
        let peer = try hub.connect(
            on: Int.random(in: 0..<2, using: &random),
            offer: offers.randomElement(using: &random)!
        )
        self.peer = peer
        looked = 0
        var wishes: [String: JSON] = [:]
        for room in rooms where Bool.random(using: &random) { wishes[room] = .object(position(in: room)) }
        try peer.hello("user=c\(index) roles=operator", rooms: wishes)
        var hasHello = false
        for message in peer.transcript[looked...] {
            if message["ok"]["user"] != .null {
                hasHello = true
                for room in wishes.keys { joined(room, peer.welcome["rooms"][room]["ok"]) }
            } else if !hasHello {
                outcome.faults.append("\(message) came before the answer to hello")
            } else {
                check(message)
            }
        }
        looked = peer.transcript.count
        for case .send(let sent, let fields) in unanswered where Bool.random(using: &random) {
            try say("send", fields, .send(sent, fields))
        }
    }

    private func position(in room: String) -> [String: JSON] {
        var fields: [String: JSON] = ["presence": .bool(Bool.random(using: &random))]
        if let last = outcome.last[room] {
            fields["since"] = .number(last)
            fields["epoch"] = .text(hub.store.epochs.currentName)
        } else {
            fields["since"] = 0
        }
        return fields
    }

    private func send(_ room: String) throws {
        texts += 1
        let text = "c\(index)-\(texts)-" + String(repeating: "x", count: Int.random(in: 0..<100, using: &random))
        let ack = Bool.random(using: &random) ? "durable" : "accepted"
        let fields = Peer.message(room, text, key: "k\(texts)", ack: ack)
        try say("send", fields, .send(Sent(room: room, text: text), fields))
    }

    private func subscribe(_ room: String) throws {
        // What is under way may move the position: joining again from a smaller one is allowed, from a larger
        // one than the model knows is not.
        try say("sub", position(in: room).merging(["room": .text(room)]) { $1 }, .sub(room))
    }

    private func say(_ name: String, _ fields: [String: JSON], _ command: Command) throws {
        waiting[try peer!.say(name, fields)] = command
    }

    private func cut() {
        peer?.socket.cut()
        peer = nil
        inside = []
        unanswered += waiting.values.filter { if case .send = $0 { true } else { false } }
        waiting = [:]
    }

    // MARK: Hearing

    /// Waits for all replies, then looks at everything that has come.
    private func settle() throws {
        guard let peer else { return }
        let id = try peer.say("ping")
        waiting[id] = .other
        for id in waiting.keys { _ = try peer.reply(to: id) }
        for message in peer.transcript[looked...] { check(message) }
        looked = peer.transcript.count
        if !waiting.isEmpty { outcome.faults.append("no reply to \(waiting.keys.sorted())") }
    }

    private func check(_ message: JSON) {
        if let id = message["id"].number {
            guard let command = waiting.removeValue(forKey: id) else {
                outcome.faults.append("a reply that nobody waits for: \(message)")
                return
            }
            answered(command, message)
        } else if let room = message["room"].text {
            guard inside.contains(room) else {
                outcome.faults.append("not in \(room): \(message)")
                return
            }
            if message["offset"] != .null { saw(message, in: room, mayRepeat: false) }
        }
    }

    private func answered(_ command: Command, _ message: JSON) {
        guard message["ok"] != .null else {
            outcome.faults.append("refused: \(message)")
            return
        }
        switch command {
        case .sub(let room): joined(room, message["ok"])
        case .unsub(let room): inside.remove(room)
        case .send(let sent, _): outcome.sent[sent] = message["ok"]["offset"].number
        case .other: break
        }
    }

    private func joined(_ room: String, _ answer: JSON) {
        inside.insert(room)
        guard answer["recovered"] == true else {
            outcome.faults.append("not recovered in \(room): \(answer)")
            return
        }
        let events = answer["events"].list!
        // A second sub may answer from before what has been pushed since it was said: pushes go on from there.
        if let first = events.first?["offset"].number { outcome.last[room] = min(first - 1, outcome.last[room] ?? 0) }
        for event in events { saw(event, in: room, mayRepeat: true) }
        if events.isEmpty { outcome.last[room] = outcome.last[room] ?? 0 }
    }

    private func saw(_ event: JSON, in room: String, mayRepeat: Bool) {
        let offset = event["offset"].number!
        let text = event["data"]["text"].text!
        let last = outcome.last[room] ?? 0
        if offset != last + 1 { outcome.faults.append("\(offset) behind \(last) in \(room)") }
        outcome.last[room] = offset
        if let before = outcome.logs[room]?[offset], before != text {
            outcome.faults.append("\(offset) in \(room) was \(before) and is \(text)")
        }
        outcome.logs[room, default: [:]][offset] = text
    }

    // MARK: The truth

    /// All of every room, page by page.
    static func read(_ rooms: [String], of hub: TestHub) throws -> [String: [Int64: String]] {
        let peer = try hub.join("user=truth roles=operator")
        var truth: [String: [Int64: String]] = [:]
        for room in rooms {
            var last: Int64 = 0
            var more = true
            while more {
                let page = try peer.call("history", ["room": .text(room), "after": .number(last), "limit": 500])
                for event in page["events"].list! {
                    let offset = event["offset"].number!
                    #expect(offset == last + 1)
                    truth[room, default: [:]][offset] = event["data"]["text"].text
                    last = offset
                }
                more = page["more"] == true
            }
        }
        return truth
    }

    /// Comes back from where it was and gets the rest of every room.
    static func recover(_ outcome: Outcome, _ truth: [String: [Int64: String]], of hub: TestHub) throws {
        let peer = try hub.join("user=back roles=operator")
        let epoch = JSON.text(hub.store.epochs.currentName)
        for (room, events) in truth {
            let since = outcome.last[room] ?? 0
            let fields: [String: JSON] = ["room": .text(room), "since": .number(since), "epoch": epoch]
            let answer = try peer.call("sub", fields)
            #expect(answer["recovered"] == true)
            let first = answer["events"].list!
            let rest = try (0..<(Int64(events.count) - since - Int64(first.count))).map { _ in try peer.event(in: room)
            }
            #expect((first + rest).map(\.["offset"].number!) == Array((since + 1)..<(Int64(events.count) + 1)))
            #expect((first + rest).allSatisfy { events[$0["offset"].number!] == $0["data"]["text"].text })
            #expect(try peer.quiet(room) == [])
        }
    }
}
