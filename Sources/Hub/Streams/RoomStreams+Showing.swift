import HubProtocol
import Reactor

extension RoomStreams {
    /// Puts what has grown in this turn into the room's batch.
    func gather(into batch: inout Batch) {
        let name = room.identity.key.name.text
        for stream in takeGrown() where stream.hasNews { batch.streams.append(stream.takeGrowth(in: name)) }
        batch.endedStreams = takeGone()
    }

    /// Where those are who miss nothing. The room's batch has just been flushed.
    var cursors: [UInt64: StreamCursor] {
        Dictionary(uniqueKeysWithValues: open.values.map { ($0.handle, $0.cursor) })
    }

    /// The open streams as somebody who joins finds them. The room's batch has just been flushed, so this and the
    /// next growth meet. Texts take at most `bytes` together; where they do not fit, a beginning of them is given,
    /// and the rest is to be fetched.
    func snapshots(bytes: Int) -> (lines: [[UInt8]], cursors: [UInt64: StreamCursor], isComplete: Bool) {
        let name = room.identity.key.name.text
        var left = bytes
        var lines: [[UInt8]] = []
        var cursors: [UInt64: StreamCursor] = [:]
        var isComplete = true
        for stream in open.values.sorted(by: { $0.opened < $1.opened }) {
            let place = stream.text.prefix(atMost: max(left, 0))
            left -= place.bytes
            if place != stream.text.end { isComplete = false }
            var line: [UInt8] = []
            stream.appendSnapshot(in: name, to: place, into: &line)
            lines.append(line)
            cursors[stream.handle] = StreamCursor(attempt: stream.attempt, place: place)
        }
        return (lines, cursors, isComplete)
    }

    /// What a watcher that is at these places lacks, a piece of it: about `bytes` of text. The room's batch has just
    /// been flushed.
    func page(after cursors: [UInt64: StreamCursor], bytes: Int) -> StreamPage {
        let name = room.identity.key.name.text
        var left = bytes
        var page = StreamPage(generation: 0, lines: [], cursors: [:], isComplete: true)
        for stream in open.values.sorted(by: { $0.opened < $1.opened }) {
            let known = cursors[stream.handle]
            let isSuperseded = known.map { $0.attempt != stream.attempt } ?? (stream.attempt != stream.firstAttempt)
            let from = isSuperseded ? .start : known?.place ?? .start
            guard left > 0 else {
                // The watcher stays where it is; an older attempt is found again next time.
                page.cursors[stream.handle] = known
                if isSuperseded || from != stream.text.end { page.isComplete = false }
                continue
            }
            let to = stream.text.reach(from: from, atMost: left)
            if isSuperseded || to != from {
                var line: [UInt8] = []
                if isSuperseded {
                    stream.appendSnapshot(in: name, to: to, into: &line)
                } else {
                    stream.appendDelta(in: name, from: from, to: to, into: &line)
                }
                page.lines.append(line)
                left -= to.bytes - from.bytes
            }
            if to != stream.text.end { page.isComplete = false }
            page.cursors[stream.handle] = StreamCursor(attempt: stream.attempt, place: to)
        }
        return page
    }
}

extension Room {
    /// The room's streams, made with the first.
    func streamsMade() -> RoomStreams {
        if let streams { return streams }
        let made = RoomStreams(room: self)
        streams = made
        return made
    }

    /// Gives a watcher that fell behind a piece of what it lacks.
    func watch(_ request: WatchRequest) {
        flush()
        var page =
            streams?.page(after: request.cursors, bytes: shard.configuration.streamPageBytes)
            ?? StreamPage(generation: 0, lines: [], cursors: [:], isComplete: true)
        page.generation = request.generation
        shard.answer(request, in: identity.key.name, page)
    }
}

/// A watcher that fell behind asks for what it lacks.
struct WatchRequest: Sendable {
    var connection: ConnectionID
    /// Which of its requests this is.
    var generation: UInt32
    /// Where it is with each stream it knows.
    var cursors: [UInt64: StreamCursor]
}
