import Glibc

/// The people of a storm: who is in which room, up to where, in which epoch.
///
/// It refuses an answer that does not recover, and events that leave a gap or come twice.
struct StormCrowd {
    var target: Target
    private let tokens: [String]
    private let rooms: [String]
    /// Each room's head, which is where everybody is who has come back.
    private var head = 0
    /// Where everybody was when they left; nil before anybody came.
    private var since: Int?
    private var epoch = ""
    private var swarm: Swarm?

    /// One token more than there are people: the last is the speaker's.
    init(_ target: Target, tokens: [String], rooms: [String]) {
        self.target = target
        self.tokens = tokens
        self.rooms = rooms
    }

    private var count: Int { tokens.count - 1 }

    /// Cuts all connections, without a close frame.
    mutating func leave() {
        swarm?.peers.forEach { swarm?.close($0) }
        swarm = nil
        since = head
    }

    /// Connects everybody at once; each says `hello` with its room, and is back when it has everything up to the head.
    /// The times run from the beginning of all.
    @discardableResult
    mutating func comeBack() throws -> Latencies {
        let swarm = try Swarm(target)
        self.swarm = swarm
        var latencies = Latencies()
        var back = 0
        var epoch = ""
        let began = Clock.now
        func take(_ peer: Peer, _ inbound: Peer.Inbound) throws {
            switch inbound {
            case .opened: peer.send(text: hello(peer.index))
            case .message(let payload):
                guard !peer.isJoined else { return try follow(payload, peer) }
                epoch = try joined(payload, peer)
                latencies.record(from: began, to: Clock.now)
                back += 1
            case .response: break
            }
        }
        for index in 0..<count {
            _ = try swarm.open(Dialect.apus.path(room: ""))
            // The first ones are not kept waiting by those who still come.
            if index % 64 == 63 { try swarm.turn(until: 0, take) }
        }
        try swarm.run(until: { back == count }, take)
        self.epoch = epoch
        return latencies
    }

    /// Reads until everybody has heard what was posted.
    func hear() throws {
        guard let swarm else { return }
        var behind = swarm.peers.count { $0.offset < head }
        try swarm.run(until: { behind == 0 }) { peer, inbound in
            guard case .message(let payload) = inbound else { return }
            let before = peer.offset
            try follow(payload, peer)
            if before < head, peer.offset >= head { behind -= 1 }
        }
    }

    /// Posts so many events into each room and waits until all are durable.
    mutating func post(_ events: Int) throws {
        let swarm = try Swarm(target)
        let speaker = try swarm.open(Dialect.apus.path(room: ""))
        var answered = 0
        var said = 0
        func say() {
            let (event, room) = (said / rooms.count, said % rooms.count)
            let text = "event \(head + event + 1) of a room that many come back to, about as long as a short message"
            Dialect.apus.publish(text, to: rooms[room], by: speaker, durable: event == events - 1)
            said += 1
        }
        let all = events * rooms.count
        try swarm.run(until: { answered == all }) { _, inbound in
            switch inbound {
            case .opened: speaker.send(text: #"{"id":1,"cmd":"hello","token":"\#(tokens[count])"}"#)
            case .message(let payload):
                try HubLine.each(in: payload) { line in
                    guard let id = try HubLine.answered(by: line) else { return }
                    if id > 1 { answered += 1 }
                    while said < all, said - answered < 200 { say() }
                }
            case .response: break
            }
        }
        swarm.close(speaker)
        head += events
    }

    /// Reads of the database since the hub's start, as its metrics say.
    func databaseReads() throws -> Int {
        let swarm = try Swarm(target)
        let peer = try swarm.connect()
        var reads: Int?
        swarm.request("GET", "/metrics", token: tokens[count], on: peer)
        var isAnswered = false
        try swarm.run(until: { isAnswered }) { _, inbound in
            guard case .response(_, let body) = inbound else { return }
            isAnswered = true
            let lines = String(decoding: body, as: UTF8.self).split(separator: "\n")
            let line = lines.first { $0.hasPrefix("apus_store_reads_total ") }
            reads = line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) }
        }
        swarm.close(peer)
        guard let reads else { throw LoadError("the metrics do not tell the reads of the database") }
        return reads
    }

    // MARK: One person

    private func hello(_ index: Int) -> String {
        let place = since.map { #""since":\#($0),"epoch":"\#(epoch)""# } ?? #""limit":0"#
        let room = rooms[index % rooms.count]
        return #"{"id":1,"cmd":"hello","token":"\#(tokens[index])","rooms":{"\#(room)":{\#(place)}}}"#
    }

    /// Checks the answer to `hello`; the epoch in it.
    private func joined(_ payload: UnsafeRawBufferPointer, _ peer: Peer) throws -> String {
        let text = String(decoding: payload, as: UTF8.self)
        guard text.hasPrefix(#"{"id":1,"ok":"#), since == nil || text.contains(#""recovered":true"#),
            !text.contains(#""truncated_to""#),
            let epoch = text.split(separator: #""epoch":""#).dropFirst().first?.prefix(while: { $0 != "\"" })
        else { throw LoadError("hello was answered with \(text.prefix(400))") }
        peer.isJoined = true
        peer.offset = since ?? head
        for piece in text.split(separator: #""offset":"#).dropFirst() {
            guard let offset = Int(piece.prefix { $0.isNumber }) else { throw LoadError("an offset that is no number") }
            try SequenceCheck.follow(offset, after: &peer.offset, "offset")
        }
        guard peer.offset == head else { throw LoadError("an answer up to \(peer.offset) where the head is \(head)") }
        return String(epoch)
    }

    private func follow(_ payload: UnsafeRawBufferPointer, _ peer: Peer) throws {
        try HubLine.each(in: payload) { line in
            guard let offset = HubLine.offset(of: line) else { return }
            try SequenceCheck.follow(offset, after: &peer.offset, "offset")
        }
    }
}
