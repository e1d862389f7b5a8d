import HubProtocol

/// What a slow connection has missed of what need not be told in full: the latest of each person and kind,
/// and where each person's coming and going ended. Bounded by people times kinds, not by time.
struct Conflation {
    private struct Key: Hashable {
        var room: RoomName
        var by: String
        var kind: String
    }

    private struct Person: Hashable {
        var room: RoomName
        var user: String
    }

    private var lines: [Key: [UInt8]] = [:]
    private var people: [Person: PersonInfo?] = [:]
    private var durable: [RoomName: Int64] = [:]
    /// The bytes of the pushes that are remembered as they stand.
    private(set) var bytes = 0

    /// How many things are remembered.
    var count: Int { lines.count + people.count + durable.count }

    mutating func add(_ ephemeral: Batch.Ephemeral, in room: RoomName) {
        let key = Key(room: room, by: ephemeral.by, kind: ephemeral.kind)
        let before = lines.updateValue(ephemeral.line, forKey: key)
        bytes += ephemeral.line.count - (before?.count ?? 0)
    }

    mutating func add(_ news: Batch.PresenceNews, in room: RoomName) {
        for person in news.join { people[Person(room: room, user: person.user)] = .some(person) }
        for user in news.leave { people[Person(room: room, user: user)] = .some(nil) }
    }

    mutating func add(durable offset: Int64, in room: RoomName) {
        durable[room] = offset
    }

    /// The connection has left the room: nothing of it may follow.
    mutating func forget(_ room: RoomName) {
        lines = lines.filter { $0.key.room != room }
        bytes = lines.reduce(0) { $0 + $1.value.count }
        people = people.filter { $0.key.room != room }
        durable[room] = nil
    }

    /// Gives out everything as pushes.
    consuming func pushes() -> [[UInt8]] {
        var pushes = Array(lines.values)
        for (room, changes) in Dictionary(grouping: people, by: \.key.room) {
            let join = changes.compactMap(\.value)
            let leave = changes.filter { $0.value == nil }.map(\.key.user)
            var line: [UInt8] = []
            Push.presence(room: room.text, join: join, leave: leave, into: &line)
            pushes.append(line)
        }
        for (room, offset) in durable {
            var line: [UInt8] = []
            Push.durable(room: room.text, offset: offset, into: &line)
            pushes.append(line)
        }
        return pushes
    }
}
