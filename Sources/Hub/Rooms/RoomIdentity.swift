import HubProtocol

/// Which room: its tenant and name. The identity of a room everywhere in the process.
public struct RoomKey: Hashable, Sendable {
    /// The tenant it belongs to.
    public let tenant: Tenant
    /// Its name within the tenant.
    public let name: RoomName

    /// A room of a tenant.
    public init(tenant: Tenant, name: RoomName) {
        self.tenant = tenant
        self.name = name
    }
}

/// A room's key and its home loop, made once when the room wakes up and shared by all its events.
public final class RoomIdentity: Sendable {
    /// Tenant and name.
    public let key: RoomKey
    /// The index of the loop that owns the room's state.
    public let home: Int

    /// An identity.
    public init(key: RoomKey, home: Int) {
        self.key = key
        self.home = home
    }
}
