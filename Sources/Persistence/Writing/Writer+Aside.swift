import GRDB
import HubCore
import HubProtocol
import Logging

/// Rooms whose place on disk is damaged: their writes are set aside and tried again, all other rooms go on.
extension Writer {
    /// Sets aside the room that kept a batch from being written. Returns what is left of the batch; nil where nothing
    /// is.
    func setAside(_ fault: RoomFault, _ state: inout WriterState) -> PendingWrites.Batch? {
        let rest = queue.withLock { queue in
            let rest = queue.pending.setAside(fault.room)
            conditionCell.value = queue.pending.condition(now: clock.now)
            return rest
        }
        state.setAside(now: clock.now)
        statistics.count { $0.commitFailures += 1 }
        faulty.set(fault.room.key, isWritable: false)
        // Damage, or an error of the hub: neither passes by itself.
        logger.critical(
            "a room cannot be written; its writes wait, all others go on",
            metadata: metadata(of: fault.room, fault.cause)
        )
        observer?.writabilityChanged(of: fault.room, isWritable: false)
        return rest
    }

    /// Tries to write what is set aside, room by room.
    func retryAside(_ state: inout WriterState) {
        for room in queue.withLock({ Array($0.pending.aside.rooms.values) }) {
            let began = clock.now
            do {
                let outcome = try pool.writeWithoutTransaction { db in
                    try state.group.write([room.writes[...]], db, clock: clock)
                }
                restored(room, outcome, took: clock.now - began)
                state.committed(now: clock.now)
            } catch let fault as RoomFault {
                logger.debug("a room still cannot be written", metadata: metadata(of: room.identity, fault.cause))
            } catch {
                // The disk as a whole: the other rooms would fare no better.
                logger.debug("a room still cannot be written", metadata: metadata(of: room.identity, error))
                break
            }
        }
        state.triedAside(isEmpty: queue.withLock { $0.pending.aside.rooms.isEmpty }, now: clock.now)
    }

    private func restored(_ room: AsideWrites.Room, _ outcome: GroupCommit.Outcome, took: Int64) {
        queue.withLock { queue in
            queue.pending.restored(room.identity.key)
            conditionCell.value = queue.pending.condition(now: clock.now)
        }
        faulty.set(room.identity.key, isWritable: true)
        logger.notice("a room can be written again", metadata: metadata(of: room.identity, nil))
        tell(outcome, of: room.writes.count, took: took)
        observer?.writabilityChanged(of: room.identity, isWritable: true)
    }

    private func metadata(of room: RoomIdentity, _ error: (any Error)?) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            LogKey.tenant: "\(room.key.tenant.id)", LogKey.room: "\(room.key.name.text)",
        ]
        if let error { metadata[LogKey.error] = "\(DiskFault.said(error))" }
        return metadata
    }
}
