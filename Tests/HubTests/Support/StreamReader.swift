import Testing

/// What a reader who keeps to the contract makes of the messages about a room's streams, and what it finds wrong.
struct StreamReader {
    struct Text: Equatable {
        var attempt: Int64
        var to: Int64
        var text: String
        var state: String
    }

    private(set) var streams: [String: Text] = [:]
    private(set) var faults: [String] = []
    private(set) var deltas = 0
    private(set) var snapshots = 0
    private var looked = 0
    /// Asked of every text that is not yet final: whether it may be seen.
    var allows: (_ stream: String, Text) -> Bool = { _, _ in true }

    /// Takes in everything that a peer has been told since the last time.
    mutating func read(_ peer: Peer) {
        for message in peer.transcript[looked...] { take(message) }
        looked = peer.transcript.count
    }

    /// The next peer's transcript is another one.
    mutating func reconnected() {
        looked = 0
    }

    mutating func take(_ message: JSON) {
        let rooms = message["ok"]["rooms"].members ?? [:]
        for answer in [message["ok"]] + rooms.values.map(\.["ok"]) {
            for event in answer["events"].list ?? [] { take(event) }
            for snapshot in answer["streams"].list ?? [] { take(snapshot) }
        }
        switch message["kind"].text {
        case "stream" where message["offset"] != .null: event(message["data"])
        case "delta": delta(message)
        case "snapshot": snapshot(message)
        default: break
        }
    }

    private mutating func event(_ data: JSON) {
        guard let id = data["stream"].text, let state = data["state"].text else { return }
        if state == "open" {
            guard streams[id] == nil else { return }
            streams[id] = Text(attempt: data["attempt"].number ?? -1, to: 0, text: "", state: state)
        } else {
            let before = streams[id]
            let final = Text(attempt: data["attempt"].number ?? -1, to: -1, text: data["text"].text ?? "", state: state)
            if let before, before.state == "open", before.attempt == final.attempt,
                !final.text.utf8.starts(with: before.text.utf8)
            {
                faults.append("\(id): \(before.text.utf8.count) bytes are no beginning of the end")
            }
            streams[id] = final
        }
    }

    private mutating func delta(_ message: JSON) {
        deltas += 1
        guard let id = message["stream"].text, let from = message["from"].number, let to = message["to"].number,
            let attempt = message["attempt"].number, let text = message["text"].text
        else {
            faults.append("not a delta: \(message)")
            return
        }
        guard var known = streams[id] else {
            faults.append("\(id): a delta before the stream was known")
            return
        }
        guard known.state == "open" else {
            faults.append("\(id): a delta behind the end")
            return
        }
        if attempt != known.attempt || from != known.to || to < from {
            faults.append("\(id): attempt \(attempt) \(from)…\(to) does not follow \(known.attempt) \(known.to)")
        }
        known.to = to
        known.text += text
        streams[id] = known
        check(id)
    }

    private mutating func snapshot(_ message: JSON) {
        snapshots += 1
        guard let id = message["stream"].text, let to = message["to"].number,
            let attempt = message["attempt"].number, let text = message["text"].text,
            message["state"] == "open"
        else {
            faults.append("not a snapshot: \(message)")
            return
        }
        streams[id] = Text(attempt: attempt, to: to, text: text, state: "open")
        check(id)
    }

    private mutating func check(_ id: String) {
        if let text = streams[id], !allows(id, text) { faults.append("\(id): \(text) was never written") }
    }
}

extension Peer {
    /// Opens a stream and tells the reply.
    @discardableResult
    func open(_ stream: String, in room: String, _ more: [String: JSON] = [:]) throws -> JSON {
        try call("stream.open", more.merging(["room": .text(room), "stream": .text(stream)]) { $1 })
    }

    /// Appends tokens and tells the reply.
    @discardableResult
    func append(_ stream: String, from: Int64, _ parts: [String]) throws -> JSON {
        try call("stream.append", Peer.appending(stream, from: from, parts))
    }

    static func appending(_ stream: String, from: Int64, _ parts: [String]) -> [String: JSON] {
        ["stream": .text(stream), "from": .number(from), "parts": .list(parts.map { .text($0) })]
    }

    @discardableResult
    func close(_ stream: String, _ state: String = "done", _ more: [String: JSON] = [:]) throws -> JSON {
        try call("stream.close", more.merging(["stream": .text(stream), "state": .text(state)]) { $1 })
    }

    /// The ending event of a stream.
    func ending(of stream: String) throws -> JSON {
        try take("the end of \(stream)") {
            $0["offset"] != .null && $0["data"]["stream"] == .text(stream) && $0["data"]["state"] != "open"
        }
    }
}
