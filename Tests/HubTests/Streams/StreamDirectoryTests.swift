import HubProtocol
import Reactor
import Testing

@testable import HubCore

@Suite struct StreamDirectoryTests {
    private let directory = StreamDirectory()
    private let key = StreamKey(tenant: .default, id: "s")
    private let room = RoomKey(tenant: .default, name: RoomName("ticket:1"))

    @Test func anIDBelongsToOneRoomUntilItIsReleased() {
        let other = RoomKey(tenant: .default, name: RoomName("ticket:2"))
        #expect(directory.room(of: key) == nil)
        guard case .claimed = directory.claim(key, for: room, by: nil, atMost: 0) else {
            Issue.record("free")
            return
        }
        guard case .taken(let holder) = directory.claim(key, for: other, by: nil, atMost: 0) else {
            Issue.record("given twice")
            return
        }
        #expect(holder == room)
        #expect(directory.room(of: key) == room)
        #expect(directory.room(of: StreamKey(tenant: Tenant("t2"), id: "s")) == nil)
        directory.release(key)
        #expect(directory.room(of: key) == nil)
    }

    @Test func aConnectionHoldsWhatItProduces() {
        let (one, two) = (ConnectionID(rawValue: 1), ConnectionID(rawValue: 2))
        let second = StreamKey(tenant: .default, id: "t")
        _ = directory.claim(key, for: room, by: one, atMost: 1)
        guard case .tooMany = directory.claim(second, for: room, by: one, atMost: 1) else {
            Issue.record("one too many")
            return
        }
        directory.hand(key, to: two)
        #expect(directory.streams(of: one).isEmpty)
        #expect(directory.streams(of: two).map(\.id) == ["s"])
        directory.hand(key, to: nil)
        #expect(directory.streams(of: two).isEmpty)
        directory.hand(second, to: one)
        #expect(directory.streams(of: one).isEmpty)
        directory.hand(key, to: one)
        directory.release(key)
        #expect(directory.streams(of: one).isEmpty)
    }
}
