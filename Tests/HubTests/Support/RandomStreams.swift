import Testing

@testable import HubCore

/// Producers, watchers and a hub that do things at random, and what has to be true of it at every moment: each
/// watcher's text is a beginning of what the producer of that attempt has written.
final class RandomStreams {
    private struct Production {
        var peer: Peer?
        var attempt: Int64 = 1
        /// Everything written, by attempt: a producer that comes back sends the same again.
        var tokens: [Int64: [String]] = [1: []]
        /// What the hub has, as far as the producer knows.
        var sent = 0
        var isOver = false
    }

    private struct Watcher {
        var peer: Peer?
        var reader = StreamReader()
        var name: String
    }

    private var hub: TestHub
    private let room: String
    private var random: SeededRandom
    private var productions: [String: Production] = [:]
    private var watchers: [Watcher]
    private(set) var faults: [String] = []
    private(set) var restarts = 0

    init(_ hub: TestHub, room: String, watchers: Int, seed: UInt64) {
        self.hub = hub
        self.room = room
        random = SeededRandom(seed: seed)
        self.watchers = (0..<watchers).map { Watcher(name: "w\($0)") }
    }

    func live(steps: Int) throws {
        for _ in 0..<steps { try step() }
        for id in productions.keys.sorted() where !(productions[id]!.isOver) { try finish(id) }
        for index in watchers.indices { try settle(index) }
    }

    func stop() { hub.stop() }

    private func step() throws {
        let open = productions.filter { !$0.value.isOver }.keys.sorted()
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<5 where open.count < 3: try begin("s\(productions.count)")
        case 5..<60: if let id = open.randomElement(using: &random) { try write(id) }
        case 60..<64: if let id = open.randomElement(using: &random) { drop(id) }
        case 64..<67: if let id = open.randomElement(using: &random) { try supersede(id) }
        case 67..<69: if let id = open.randomElement(using: &random) { try finish(id) }
        case 69..<80: try connect(Int.random(in: 0..<watchers.count, using: &random))
        case 80..<84: forget(Int.random(in: 0..<watchers.count, using: &random))
        case 84..<98: try look(Int.random(in: 0..<watchers.count, using: &random))
        case 98: hub.store.holdWrites()
        default: try restart()
        }
    }

    // MARK: Producers

    private func begin(_ id: String) throws {
        productions[id] = Production()
        try resume(id)
    }

    private func resume(_ id: String) throws {
        let loop = Int.random(in: 0..<hub.options.loops, using: &random)
        let peer = try hub.join("user=bot roles=worker rooms=ticket:*", on: loop)
        let attempt = productions[id]!.attempt
        let reply = try peer.open(id, in: room, ["attempt": .number(attempt)])
        productions[id]!.peer = peer
        productions[id]!.sent = Int(reply["next"].number!)
        if reply["attempt"].number != attempt { faults.append("\(id): attempt \(attempt) became \(reply)") }
        if productions[id]!.sent > productions[id]!.tokens[attempt]!.count { faults.append("\(id): too much of it") }
    }

    private func write(_ id: String) throws {
        if productions[id]!.peer == nil { try resume(id) }
        let count = Int.random(in: 1...4, using: &random)
        for _ in 0..<count {
            let length = Int.random(in: 0...3, using: &random) == 0 ? 800 : 3
            let token = String((0..<length).map { _ in "aй😀\"\\\n".randomElement(using: &random)! })
            productions[id]!.tokens[productions[id]!.attempt]!.append(token)
        }
        try sendRest(id)
    }

    /// Sends what the hub does not have, and now and then some of what it has.
    private func sendRest(_ id: String) throws {
        let production = productions[id]!
        let tokens = production.tokens[production.attempt]!
        let from = max(0, production.sent - Int.random(in: 0...2, using: &random))
        let reply = try production.peer!.append(id, from: Int64(from), Array(tokens[from...]))
        productions[id]!.sent = tokens.count
        if reply["next"].number != Int64(tokens.count) { faults.append("\(id): \(reply) of \(tokens.count)") }
    }

    private func drop(_ id: String) {
        productions[id]!.peer?.socket.cut()
        productions[id]!.peer = nil
    }

    private func supersede(_ id: String) throws {
        productions[id]!.attempt += 1
        productions[id]!.tokens[productions[id]!.attempt] = []
        drop(id)
        try resume(id)
    }

    private func finish(_ id: String) throws {
        if productions[id]!.peer == nil { try resume(id) }
        try sendRest(id)
        hub.store.releaseWrites()
        try productions[id]!.peer!.close(id)
        productions[id]!.isOver = true
    }

    // MARK: Watchers

    private func connect(_ index: Int) throws {
        forget(index)
        let loop = Int.random(in: 0..<hub.options.loops, using: &random)
        let peer = try hub.connect(on: loop, receiveBuffer: 4096)
        let known = productions
        watchers[index].reader = StreamReader()
        watchers[index].peer = peer
        try peer.hello("user=\(watchers[index].name)", rooms: [room: ["since": 0]])
        watchers[index].reader.allows = { id, text in
            guard let written = known[id]?.tokens[text.attempt] else { return false }
            return Int(text.to) <= written.count && written.prefix(Int(text.to)).joined() == text.text
        }
        try look(index)
    }

    private func forget(_ index: Int) {
        watchers[index].peer?.socket.cut()
        watchers[index].peer = nil
    }

    /// Reads everything that was said up to now.
    private func look(_ index: Int) throws {
        guard let peer = watchers[index].peer else { return }
        try peer.call("ping")
        let known = productions
        watchers[index].reader.allows = { id, text in
            guard let written = known[id]?.tokens[text.attempt] else { return false }
            return Int(text.to) <= written.count && written.prefix(Int(text.to)).joined() == text.text
        }
        watchers[index].reader.read(peer)
        faults += watchers[index].reader.faults.map { "\(watchers[index].name): \($0)" }
    }

    /// Reads to the end of every stream and compares.
    private func settle(_ index: Int) throws {
        if watchers[index].peer == nil { try connect(index) }
        let peer = watchers[index].peer!
        try look(index)
        for id in productions.keys.sorted() where watchers[index].reader.streams[id]?.state != "done" {
            _ = try peer.ending(of: id)
        }
        try look(index)
        for (id, production) in productions {
            let text = production.tokens[production.attempt]!.joined()
            let seen = watchers[index].reader.streams[id]
            if seen?.text != text || seen?.attempt != production.attempt || seen?.state != "done" {
                faults.append("\(watchers[index].name): \(id) ended otherwise")
            }
        }
    }

    // MARK: The hub

    /// The hub is killed: what the disk was not given is lost.
    private func restart() throws {
        restarts += 1
        for index in watchers.indices { forget(index) }
        for id in productions.keys where !(productions[id]!.isOver) { drop(id) }
        hub = try hub.crashed()
    }
}
