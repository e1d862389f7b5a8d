/// Pausing and resuming what a connection reads.
///
/// A completion may already be on its way when reading is paused: its bytes are held, at most what was in flight, and
/// come first after resuming. A handler thus never sees bytes while paused, and never out of order.
extension EventLoop {
    func pauseReading(_ slot: SlotPointer) {
        guard slot.pointee.phase == .open, !slot.pointee.isReadingPaused else { return }
        slot.pointee.isReadingPaused = true
        guard !slot.pointee.isBroken else {
            close(slot, .reset)
            return
        }
        if !slot.pointee.isPeerEnded, !slot.pointee.isEndHeld { backend.pauseReading(slot) }
    }

    func resumeReading(_ slot: SlotPointer) {
        guard slot.pointee.phase == .open, slot.pointee.isReadingPaused else { return }
        slot.pointee.isReadingPaused = false
        guard slot.pointee.held != nil || slot.pointee.isEndHeld else {
            if !slot.pointee.isPeerEnded { backend.resumeReading(slot) }
            return
        }
        guard !slot.pointee.isResumptionDue else { return }
        slot.pointee.isResumptionDue = true
        resumptions.append(slot)
    }

    func hold(_ slot: SlotPointer, _ bytes: UnsafeRawBufferPointer) {
        guard let held = slot.pointee.held else {
            slot.pointee.held = .make(copying: bytes, capacity: bytes.count)
            return
        }
        let needed = held.pointee.count + bytes.count
        let run = held.room < bytes.count ? held.grown(to: max(needed, held.pointee.capacity * 2)) : held
        run.append(bytes)
        slot.pointee.held = run
    }

    func dropHeld(_ slot: SlotPointer) {
        slot.pointee.held.take()?.release()
    }

    /// Delivers what was held on the connections that resumed.
    func deliverHeld() {
        while !resumptions.isEmpty {
            var batch = ContiguousArray<SlotPointer>()
            swap(&batch, &resumptions)
            for slot in batch {
                slot.pointee.isResumptionDue = false
                deliverHeld(slot)
            }
        }
    }

    private func deliverHeld(_ slot: SlotPointer) {
        // Paused or closed again meanwhile: what is held stays held, or is gone.
        guard slot.pointee.phase == .open, !slot.pointee.isReadingPaused else { return }
        if let run = slot.pointee.held.take() {
            deliver(UnsafeMutableRawBufferPointer(start: run.bytes, count: run.pointee.count), to: slot)
            run.release()
        }
        guard slot.pointee.phase == .open, !slot.pointee.isReadingPaused else { return }
        if slot.pointee.isEndHeld {
            slot.pointee.isEndHeld = false
            ended(slot)
        } else {
            backend.resumeReading(slot)
        }
    }
}
