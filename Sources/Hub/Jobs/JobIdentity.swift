import HubProtocol

/// How a job's id is made: `<owner's tag>-<job's tag>`, each 80 bits of SHA-256 in base32 (RFC 4648 §6, lower case).
///
/// The owner's tag is of tenant and user, the job's of tenant, user and key. So a key submitted twice names the same
/// job without a look-up, and whether a room `job:<id>` is somebody's own can be told from its name alone: to get
/// into a stranger's job one would need a user id with the same 80 bits.
enum JobIdentity {
    /// The id of what this user submits with this key.
    static func id(tenant: Tenant, user: String, key: String) -> String {
        ownerTag(tenant: tenant, user: user) + "-" + tag([tenant.id, user, key])
    }

    /// The room in which a job is followed.
    static func room(of id: String) -> RoomName? {
        try? RoomName(validating: "job:\(id)")
    }

    /// Whether the room `job:<id>` is that of a job which this person submitted.
    static func isOwn(_ id: Substring, tenant: Tenant, user: String) -> Bool {
        guard let dash = id.utf8.firstIndex(of: UInt8(ascii: "-")) else { return false }
        return id[..<dash] == ownerTag(tenant: tenant, user: user)
    }

    private static func ownerTag(tenant: Tenant, user: String) -> String {
        tag([tenant.id, user])
    }

    /// Parts hold no NUL, so a NUL between them keeps them apart.
    private static func tag(_ parts: [String]) -> String {
        let digest = Digest.sha256([UInt8](parts.joined(separator: "\0").utf8))
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in digest.prefix(10) {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[Int(bits >> UInt32(count)) & 31])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
}
