import HubProtocol

@testable import HubCore

/// Events for tests of parts that need no hub.
enum Events {
    static let room = RoomIdentity(key: RoomKey(tenant: .default, name: RoomName("ticket:1")), home: 0)

    static func make(_ offset: Int64, by user: String = "u1", key: String? = nil, bytes: Int = 2) -> KeptEvent {
        let data = [UInt8](repeating: UInt8(ascii: "1"), count: bytes)
        return data.withUnsafeBytes { data in
            KeptEvent(
                room: room,
                offset: offset,
                at: offset * 10,
                by: user,
                kind: "message",
                key: key,
                data: ByteView(data)
            )
        }
    }

    static func person(
        _ user: String,
        name: String? = nil,
        roles: Roles = .user,
        rooms: [String] = []
    ) -> Principal {
        Principal(
            tenant: .default,
            user: user,
            name: name ?? user,
            roles: roles,
            rooms: rooms,
            expires: .max,
            tokenID: nil
        )
    }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}
