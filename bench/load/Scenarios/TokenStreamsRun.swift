import Glibc

/// The producers and watchers of `TokenStreams`.
///
/// Token n of every stream is `w` and n as seven digits and a space, so what a watcher has can be compared to the letter.
final class TokenStreamsRun {
    private let scenario: TokenStreams
    private let swarm: Swarm
    private let names: [String]
    private var watchers: [TokenWatcher] = []
    private var slow: [Peer] = []
    private let began = Clock.now
    private var start: UInt64 = 0
    /// Tokens that each stream has been given, the same for all but for who is next.
    private var produced = 0
    private var readSlowAt: UInt64 = 0
    private var answers = 0
    private var isClosing = false

    private(set) var latencies = Latencies()
    private(set) var delivered = 0
    private(set) var finished = 0

    init(_ scenario: TokenStreams) throws {
        self.scenario = scenario
        swarm = try Swarm(scenario.target)
        names = (0..<scenario.streams).map { Dialect.apus.room($0, of: getpid()) }
    }

    func reset() {
        latencies.reset()
    }

    private func stream(_ number: Int) -> String { "s\(getpid())-\(number)" }
    private func producer(of stream: Int) -> Peer { swarm.peers[stream % scenario.producers] }

    /// Producers and watchers come, streams are opened.
    func open() throws {
        let count = scenario.producers + scenario.streams * scenario.watchers
        let tokens = try scenario.target.tokens(count: count)
        try swarm.join(scenario.producers) { (0, "ticket:producers", tokens[$0]) }
        let first = scenario.producers
        try swarm.join(scenario.streams * scenario.watchers) {
            ($0 % scenario.streams, names[$0 % scenario.streams], tokens[first + $0])
        }
        watchers = (0..<(count - first)).map { _ in TokenWatcher() }
        for number in 0..<scenario.streams {
            let peer = producer(of: number)
            peer.send(
                text:
                    #"{"id":\#(peer.nextID()),"cmd":"stream.open","room":"\#(names[number])","stream":"\#(stream(number))"}"#
            )
        }
        try swarm.run(until: { answers == scenario.streams }, take)
        slow = swarm.peers[first...].enumerated().filter { $0.offset % scenario.slowEvery == 0 }.map(\.element)
        slow.forEach(swarm.pause)
        start = Clock.now
    }

    /// When a token of a stream is due: the streams take turns.
    private func due(_ token: Int, of stream: Int) -> UInt64 {
        let turn = Double(token * scenario.streams + stream)
        return start + UInt64(turn * 1e9 / (scenario.rate * Double(scenario.streams)))
    }

    func produce(for seconds: Double) throws {
        let end = Clock.now + UInt64(seconds: seconds)
        while Clock.now < end {
            while case let (token, number) = produced.quotientAndRemainder(dividingBy: scenario.streams),
                due(token, of: number) <= Clock.now
            {
                produced += 1
                let peer = producer(of: number)
                peer.send(
                    text:
                        #"{"id":\#(peer.nextID()),"cmd":"stream.append","stream":"\#(stream(number))","from":\#(token),"text":"\#(TokenWatcher.text(token))"}"#
                )
            }
            let (token, number) = produced.quotientAndRemainder(dividingBy: scenario.streams)
            try swarm.turn(until: min(end, due(token, of: number)), take)
            if Clock.now >= readSlowAt { try readSlow() }
        }
    }

    private func readSlow() throws {
        readSlowAt = Clock.now + 1_000_000_000
        for peer in slow where try swarm.hasBytes(peer) { try swarm.read(peer, most: 2048, take) }
    }

    /// Closes the streams; everybody reads to the end.
    func finish() throws {
        // The last round, so that all streams are equally long.
        while produced % scenario.streams != 0 { try produce(for: 0.01) }
        isClosing = true
        slow.forEach(swarm.resume)
        for number in 0..<scenario.streams {
            let peer = producer(of: number)
            peer.send(
                text: #"{"id":\#(peer.nextID()),"cmd":"stream.close","stream":"\#(stream(number))","state":"done"}"#
            )
        }
        try swarm.run(until: { finished == watchers.count }, take)
    }

    private func take(_ peer: Peer, _ inbound: Peer.Inbound) throws {
        guard case .message(let payload) = inbound else { return }
        let now = Clock.now
        try HubLine.each(in: payload) { line in
            if try HubLine.answered(by: line) != nil {
                answers += 1
                return
            }
            guard peer.index >= scenario.producers else { return }
            let index = peer.index - scenario.producers
            let before = watchers[index].tokens
            guard try watchers[index].take(String(decoding: line, as: UTF8.self)) else { return }
            let after = watchers[index].tokens
            if watchers[index].isDone {
                let expected = produced / scenario.streams
                guard after == expected else { throw LoadError("a stream ended with \(after) of \(expected) tokens") }
                finished += 1
            }
            delivered += max(0, after - before)
            guard index % scenario.slowEvery != 0, !isClosing else { return }
            for token in before..<max(before, after) { latencies.record(from: due(token, of: peer.room), to: now) }
        }
    }
}
