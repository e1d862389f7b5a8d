/// A person as others in a room see them: an element of `people`, `presence` and `join`.
public struct PersonInfo: Sendable, Hashable {
    /// The user id.
    public let user: String
    /// What others see.
    public let name: String
    /// The names of the roles.
    public let roles: [String]
    /// When the person came, ms since 1970 UTC.
    public let since: Int64

    /// A person.
    public init(user: String, name: String, roles: [String], since: Int64) {
        self.user = user
        self.name = name
        self.roles = roles
        self.since = since
    }
}
