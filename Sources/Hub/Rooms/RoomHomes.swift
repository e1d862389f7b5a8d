import HubProtocol

/// Which loop owns a room: the same for the life of the process, spread evenly over the loops.
struct RoomHomes: Sendable {
    /// How many loops there are, at least 1.
    let loops: Int

    /// The index of the loop.
    func home(of room: RoomKey) -> Int {
        guard loops > 1 else { return 0 }
        // FNV-1a: any hash that is even and cheap would do; nobody gains by choosing collisions here, a room
        // on a busy loop is only a busy room.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in room.tenant.id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in room.name.text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int((hash >> 32) % UInt64(loops))
    }
}
