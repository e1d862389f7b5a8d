import HubProtocol

/// Who is in a room. A person is there while one of their connections is, and for a short while after, so a
/// reload is no leave and join. Pure; times are nanoseconds of the loop's clock.
struct Presence {
    private struct Person {
        var principal: Principal
        var connections: Int
        var since: Int64
        /// Which departure is the valid one, should several be on their way.
        var departures: UInt32
    }

    private var persons: [String: Person] = [:]
    private var joined: [String] = []
    private var left: [String] = []
    /// Who was there and is shown anew.
    private var renewed: [String] = []

    var isEmpty: Bool { persons.isEmpty }
    var hasNews: Bool { !joined.isEmpty || !left.isEmpty || !renewed.isEmpty }

    /// A connection of that person came; `since` is ms since 1970.
    mutating func connected(_ principal: Principal, since: Int64) {
        if persons[principal.user] != nil {
            persons[principal.user]?.connections += 1
            persons[principal.user]?.principal = principal
            return
        }
        persons[principal.user] = Person(principal: principal, connections: 1, since: since, departures: 0)
        if let index = left.firstIndex(of: principal.user) {
            left.remove(at: index)
        } else {
            joined.append(principal.user)
        }
    }

    /// A person who is there has a new token: told as another `join`, which readers take for the same person.
    mutating func renew(_ principal: Principal) {
        guard let known = persons[principal.user]?.principal else { return }
        persons[principal.user]?.principal = principal
        guard known.name != principal.name || known.roles != principal.roles else { return }
        guard !joined.contains(principal.user), !renewed.contains(principal.user) else { return }
        renewed.append(principal.user)
    }

    /// A connection of that person went. Where it was the last one, the departure's ticket is to be handed to
    /// `departed` after the delay.
    mutating func disconnected(_ user: String) -> UInt32? {
        guard var person = persons[user], person.connections > 0 else { return nil }
        person.connections -= 1
        person.departures &+= 1
        persons[user] = person
        return person.connections == 0 ? person.departures : nil
    }

    /// The delay of a departure is over: the person is gone, unless they came back meanwhile.
    mutating func departed(_ user: String, ticket: UInt32) {
        guard let person = persons[user], person.connections == 0, person.departures == ticket else { return }
        persons[user] = nil
        renewed.removeAll { $0 == user }
        if let index = joined.firstIndex(of: user) {
            joined.remove(at: index)
        } else {
            left.append(user)
        }
    }

    /// Everybody who is there, longest first.
    func people() -> [PersonInfo] {
        persons.values.map(Presence.info).sorted { ($0.since, $0.user) < ($1.since, $1.user) }
    }

    /// What has changed since the last call.
    mutating func takeNews() -> (join: [PersonInfo], leave: [String]) {
        let join = (joined + renewed).compactMap { persons[$0].map(Presence.info) }
        let leave = left
        joined.removeAll(keepingCapacity: false)
        left.removeAll(keepingCapacity: false)
        renewed.removeAll(keepingCapacity: false)
        return (join, leave)
    }

    private static func info(_ person: Person) -> PersonInfo {
        PersonInfo(
            user: person.principal.user,
            name: person.principal.name,
            roles: person.principal.roles.names,
            since: person.since
        )
    }
}
