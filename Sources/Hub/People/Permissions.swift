import HubProtocol

/// What somebody wants to do with a room.
public enum RoomAction: Sendable, CaseIterable {
    /// Subscribe, read history, see who is there, move the own read mark.
    case read
    /// Keep an event.
    case send
    /// Show typing, a cursor and the like.
    case signal
}

/// The one place that says who may do what with which room.
///
/// | role | rooms | actions |
/// |---|---|---|
/// | everyone | `user:<own id>` | all |
/// | `operator`, `moderator`, `admin` | every room of the tenant | all |
/// | `helper` | what the token's `rooms` name, their `/notes` included | all |
/// | `user`, `developer` | what the token's `rooms` name; never notes or queues | all |
/// | `worker` | `job:` rooms, and what the token's `rooms` name; never notes or queues | all |
/// | `viewer` | what the token's `rooms` name, or every room where it names none; never notes, queues, or others' `user:` rooms | read |
///
/// Several roles add up. The tenant is no question here: a name is always looked up within the person's own.
/// Pure; any thread. (Contract: *People and rights*.)
public enum Permissions {
    /// Whether `principal` may do `action` in `room`.
    public static func allows(_ principal: Principal, _ action: RoomAction, in room: RoomName) -> Bool {
        let roles = principal.roles
        if !roles.isDisjoint(with: [.operator, .moderator, .admin]) { return true }
        if room.kind == "user" { return room.side == nil && room.id == principal.user }

        let staffOnly = room.kind == "queue" || room.side == "notes"
        let named = principal.rooms.contains { RoomPattern.matches($0, room.text) }
        if staffOnly { return roles.contains(.helper) && named }

        if !roles.isDisjoint(with: [.user, .helper, .worker, .developer]), named { return true }
        if roles.contains(.worker), room.kind == "job" { return true }
        if roles.contains(.viewer), action == .read { return named || principal.rooms.isEmpty }
        return false
    }
}
