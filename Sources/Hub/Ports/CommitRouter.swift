import Logging

/// Takes what the writer says to the homes of the rooms it concerns: one message a shard and commit.
///
/// Isolation: called on the writer's thread; only posts.
final class CommitRouter: StoreObserver {
    private let inboxes: [Inbox]
    private let homes: RoomHomes
    private let revocations: RevocationList
    private let logger: Logger

    init(inboxes: [Inbox], homes: RoomHomes, revocations: RevocationList, logger: Logger) {
        self.inboxes = inboxes
        self.homes = homes
        self.revocations = revocations
        self.logger = logger
    }

    func committed(_ commit: StoreCommit) {
        for (index, inbox) in inboxes.enumerated() {
            let part = inboxes.count == 1 ? commit : commit.part { $0.home == index }
            if !part.isEmpty { inbox.post(.committed(part)) }
        }
        for target in commit.revocations.flatMap(revocations.committed) {
            guard case .call(let loop, let id) = target else { continue }
            inboxes[loop].post(.outcome(call: id, .revoked))
        }
    }

    func conditionChanged(_ condition: StoreCondition) {
        switch condition {
        case .ready: logger.notice("store is ready")
        case .busy: logger.warning("store is falling behind: sends get busy")
        case .unavailable: logger.error("store is unavailable: sends get unavailable")
        }
    }

    func writabilityChanged(of room: RoomIdentity, isWritable: Bool) {
        inboxes[room.home].post(.writability(room, isWritable: isWritable))
    }

    func trimmed(_ room: RoomKey, firstKept: Int64) {
        inboxes[homes.home(of: room)].post(.trimmed(room, firstKept: firstKept))
    }
}
