import HubProtocol

/// What somebody wants to do with a room.
public enum RoomAction: Sendable, CaseIterable {
    /// Subscribe, read history, see who is there, move the own read mark.
    case read
    /// Keep an event.
    case send
    /// Show typing, a cursor and the like.
    case signal
    /// Open a stream, add to it, close it.
    case stream
    /// Ask for somebody's stream to stop.
    case cancel
    /// Put a question to the room's assistant.
    case ask
}

/// The one place that says who may do what with which room.
///
/// | role | rooms | actions |
/// |---|---|---|
/// | everyone | `user:<own id>` | talk |
/// | `operator`, `moderator`, `admin` | every room of the tenant | all |
/// | `helper` | what the token's `rooms` name, their `/notes` included | talk |
/// | `user`, `developer` | what the token's `rooms` name; never notes or queues | talk |
/// | `worker` | `user:<own id>`, `job:` rooms, and what the token's `rooms` name; never notes or queues | all |
/// | `viewer` | what the token's `rooms` name, or every room where it names none; never notes, queues, or others' `user:` rooms | read |
/// | whoever submitted a job | its room `job:<id>` | all |
///
///
/// Jobs are submitted by everybody but onlookers and done by workers; a job is shown to whoever may read its room,
/// cancelled and answered by whoever may send there. *talk* is everything but `stream`. Several roles add up. The tenant is no question here: a name is always looked up within the person's own.
/// Pure; any thread. (Contract: *People and rights*.)
public enum Permissions {
    /// Whether `principal` may do `action` in `room`.
    public static func allows(_ principal: Principal, _ action: RoomAction, in room: RoomName) -> Bool {
        let roles = principal.roles
        if !roles.isDisjoint(with: [.operator, .moderator, .admin]) { return true }
        let mayStream = action != .stream || roles.contains(.worker)
        if room.kind == "user" { return room.side == nil && room.id == principal.user && mayStream }

        let staffOnly = room.kind == "queue" || room.side == "notes"
        let named = principal.rooms.contains { RoomPattern.matches($0, room.text) }
        if staffOnly { return roles.contains(.helper) && named && action != .stream }

        if !roles.isDisjoint(with: [.user, .helper, .worker, .developer]), named { return mayStream }
        if room.kind == "job" {
            if roles.contains(.worker) { return true }
            let isOwn = JobIdentity.isOwn(room.id, tenant: principal.tenant, user: principal.user)
            if isOwn, room.side == nil { return true }
        }
        if roles.contains(.viewer), action == .read { return named || principal.rooms.isEmpty }
        return false
    }

    /// Whether somebody may submit jobs: everybody but those who only look on.
    static func maySubmitJobs(_ principal: Principal) -> Bool {
        !principal.roles.subtracting(.viewer).isEmpty
    }

    /// Whether the tenant's jobs are listed for somebody, not only their own.
    static func seesAllJobs(_ principal: Principal) -> Bool {
        !principal.roles.isDisjoint(with: [.operator, .moderator, .admin])
    }
}
