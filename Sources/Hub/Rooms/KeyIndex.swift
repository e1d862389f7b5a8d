/// The idempotency keys of a room that memory knows, and whether those are all there are.
///
/// As long as it is complete, a key it does not have is a new one. Keys that go with the events that the ring drops are
/// remembered in a filter: only one that may be among them has to be asked of the disk. Where keys were never loaded,
/// or more have gone than the filter takes, every unknown key has to be.
struct KeyIndex {
    private var offsets: [SendKey: KeyedOffset] = [:]
    /// Whether all keys of the room have been here since it came into memory.
    private let isComplete: Bool
    private var dropped: KeyFilter

    /// - Parameter filterBytes: the most that the filter of dropped keys may take.
    init(isComplete: Bool, filterBytes: Int) {
        self.isComplete = isComplete
        dropped = KeyFilter(limit: filterBytes)
    }

    /// Where a key stands.
    enum Standing: Equatable {
        case known(KeyedOffset)
        case new
        case askDisk
    }

    func standing(of key: SendKey) -> Standing {
        if let known = offsets[key] { return .known(known) }
        return isComplete && !dropped.mayContain(key) ? .new : .askDisk
    }

    mutating func add(_ event: KeptEvent) {
        guard let key = event.key else { return }
        offsets[SendKey(user: event.by, key: key)] = KeyedOffset(offset: event.offset, at: event.at)
    }

    /// The ring has dropped the event, which is on disk; its key is only there from now on.
    mutating func drop(_ event: KeptEvent) {
        guard let key = event.key else { return }
        let name = SendKey(user: event.by, key: key)
        offsets[name] = nil
        if isComplete { dropped.insert(name) }
    }
}
