/// The idempotency keys of a room that memory knows, and whether those are all there are.
///
/// As long as it is complete, a key it does not have is a new one. Once keys have been dropped (with the
/// events that the ring dropped) or were never loaded, an unknown key has to be asked of the disk.
struct KeyIndex {
    private var offsets: [SendKey: KeyedOffset] = [:]
    private(set) var isComplete: Bool

    init(isComplete: Bool) {
        self.isComplete = isComplete
    }

    /// Where a key stands.
    enum Standing: Equatable {
        case known(KeyedOffset)
        case new
        case askDisk
    }

    func standing(of key: SendKey) -> Standing {
        if let known = offsets[key] { return .known(known) }
        return isComplete ? .new : .askDisk
    }

    mutating func add(_ event: KeptEvent) {
        guard let key = event.key else { return }
        offsets[SendKey(user: event.by, key: key)] = KeyedOffset(offset: event.offset, at: event.at)
    }

    /// The ring has dropped the event; its key is only on disk from now on.
    mutating func drop(_ event: KeptEvent) {
        guard let key = event.key else { return }
        offsets[SendKey(user: event.by, key: key)] = nil
        isComplete = false
    }
}
