import HubProtocol

/// The people of `--demo`: enough to try every role in a browser, without a password. Loopback only.
enum DemoPeople {
    struct Person: Sendable {
        let user: String
        let name: String
        let roles: [String]
        let rooms: [String]
    }

    static let all: [Person] = [
        Person(user: "anna", name: "Анна", roles: ["user"], rooms: ["ticket:*"]),
        Person(user: "boris", name: "Борис", roles: ["user"], rooms: ["ticket:*"]),
        Person(user: "vera", name: "Вера", roles: ["helper"], rooms: ["ticket:*"]),
        Person(user: "oleg", name: "Олег", roles: ["operator"], rooms: []),
        Person(user: "polina", name: "Полина", roles: ["operator"], rooms: []),
        Person(user: "admin", name: "Алексей", roles: ["admin"], rooms: []),
    ]

    /// How long a demo log-in lasts.
    static let lifetime: Duration = .seconds(12 * 3600)

    static func person(_ user: String) -> Person? {
        all.first { $0.user == user }
    }

    /// The answer of `GET /demo/people`.
    static func list() -> [UInt8] {
        var body = [UInt8](#"{"people":["#.utf8)
        for (index, person) in all.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: #"{"user":"#.utf8)
            JSONText.appendString(person.user, into: &body)
            body.append(contentsOf: #","name":"#.utf8)
            JSONText.appendString(person.name, into: &body)
            body.append(contentsOf: #","roles":["#.utf8)
            for (place, role) in person.roles.enumerated() {
                if place > 0 { body.append(UInt8(ascii: ",")) }
                JSONText.appendString(role, into: &body)
            }
            body.append(contentsOf: "]}".utf8)
        }
        body.append(contentsOf: "]}".utf8)
        return body
    }
}
