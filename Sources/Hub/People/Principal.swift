/// A tenant: the outermost wall between people. It comes from the token and is no part of a room's name.
public struct Tenant: Hashable, Sendable {
    /// 1–64 bytes, as in the token's `tenant` claim.
    public let id: String

    /// The tenant of a token that names none.
    public static let `default` = Tenant("default")

    /// A tenant by its id.
    public init(_ id: String) {
        self.id = id
    }
}

/// What a person may do in general; what that means for one room is decided by `Permissions`.
public struct Roles: OptionSet, Hashable, Sendable {
    /// One bit a role.
    public let rawValue: UInt16

    /// From bits.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Own tickets and the rooms its token names.
    public static let user = Roles(rawValue: 1 << 0)
    /// Assigned tickets and the rooms its token names.
    public static let helper = Roles(rawValue: 1 << 1)
    /// Every room of the tenant.
    public static let `operator` = Roles(rawValue: 1 << 2)
    /// Every room of the tenant.
    public static let moderator = Roles(rawValue: 1 << 3)
    /// Every room of the tenant, and its settings.
    public static let admin = Roles(rawValue: 1 << 4)
    /// Reads.
    public static let viewer = Roles(rawValue: 1 << 5)
    /// Claims jobs, opens streams.
    public static let worker = Roles(rawValue: 1 << 6)
    /// In the default tenant the house itself: live operations and metrics.
    public static let developer = Roles(rawValue: 1 << 7)

    private static let named: [(String, Roles)] = [
        ("user", .user), ("helper", .helper), ("operator", .operator), ("moderator", .moderator),
        ("admin", .admin), ("viewer", .viewer), ("worker", .worker), ("developer", .developer),
    ]

    /// The role of that name; nil for names that the contract does not know.
    public init?(name: String) {
        guard let found = Roles.named.first(where: { $0.0 == name }) else { return nil }
        self = found.1
    }

    /// The names, in the order of the contract.
    public var names: [String] {
        Roles.named.filter { contains($0.1) }.map(\.0)
    }
}

/// Who is behind a connection or a request, as its token said. Immutable; shared by reference.
public final class Principal: Sendable {
    /// The tenant that all its rooms belong to.
    public let tenant: Tenant
    /// The `sub` claim: 1–128 bytes of UTF-8.
    public let user: String
    /// What others see; the user id where the token has no `name`.
    public let name: String
    /// From the `roles` claim; names unknown to the contract are left out.
    public let roles: Roles
    /// Patterns of rooms from the `rooms` claim, such as `ticket:*`.
    public let rooms: [String]
    /// When the token ends, in ms since 1970 UTC.
    public let expires: Int64
    /// The token's own id, where it has one.
    public let tokenID: String?
    /// When the token was issued, in ms since 1970 UTC, where it says so.
    public let issued: Int64?

    /// A principal with the claims of a token that has been verified.
    public init(
        tenant: Tenant,
        user: String,
        name: String,
        roles: Roles,
        rooms: [String],
        expires: Int64,
        tokenID: String?,
        issued: Int64? = nil
    ) {
        self.tenant = tenant
        self.user = user
        self.name = name
        self.roles = roles
        self.rooms = rooms
        self.expires = expires
        self.tokenID = tokenID
        self.issued = issued
    }
}
