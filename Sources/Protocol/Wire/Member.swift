/// The members of commands that mean something to the hub; the names are those of protocol.md.
enum Member: UInt8, CaseIterable {
    case id, cmd, room, kind, data, key, ack
    case since, epoch, limit, presence, durable
    case upto, before, after
    case token, telegram, bot, client, session, rooms

    /// Its name.
    var name: String { String(describing: self) }

    /// The member of that name.
    static func named(_ name: ByteView) -> Member? {
        switch name.count {
        case 2: name.equals("id") ? .id : nil
        case 3: ofThree(name)
        case 4: ofFour(name)
        case 5: ofFive(name)
        case 6: name.equals("before") ? .before : name.equals("client") ? .client : nil
        case 7: name.equals("durable") ? .durable : name.equals("session") ? .session : nil
        case 8: name.equals("presence") ? .presence : name.equals("telegram") ? .telegram : nil
        default: nil
        }
    }

    private static func ofThree(_ name: ByteView) -> Member? {
        switch name[0] {
        case UInt8(ascii: "c"): name.equals("cmd") ? .cmd : nil
        case UInt8(ascii: "k"): name.equals("key") ? .key : nil
        case UInt8(ascii: "a"): name.equals("ack") ? .ack : nil
        case UInt8(ascii: "b"): name.equals("bot") ? .bot : nil
        default: nil
        }
    }

    private static func ofFour(_ name: ByteView) -> Member? {
        switch name[0] {
        case UInt8(ascii: "r"): name.equals("room") ? .room : nil
        case UInt8(ascii: "k"): name.equals("kind") ? .kind : nil
        case UInt8(ascii: "d"): name.equals("data") ? .data : nil
        case UInt8(ascii: "u"): name.equals("upto") ? .upto : nil
        default: nil
        }
    }

    private static func ofFive(_ name: ByteView) -> Member? {
        switch name[0] {
        case UInt8(ascii: "s"): name.equals("since") ? .since : nil
        case UInt8(ascii: "e"): name.equals("epoch") ? .epoch : nil
        case UInt8(ascii: "l"): name.equals("limit") ? .limit : nil
        case UInt8(ascii: "a"): name.equals("after") ? .after : nil
        case UInt8(ascii: "t"): name.equals("token") ? .token : nil
        case UInt8(ascii: "r"): name.equals("rooms") ? .rooms : nil
        default: nil
        }
    }
}
