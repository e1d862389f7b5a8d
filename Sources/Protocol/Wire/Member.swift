/// The members of commands that mean something to the hub; the names are those of protocol.md.
enum Member: UInt8, CaseIterable {
    case id, cmd, room, kind, data, key, ack
    case since, epoch, limit, presence, durable
    case upto, before, after
    case token, telegram, bot, client, session, rooms
    case stream, attempt, from, parts, text, title, meta, owner_epoch, state, usage, error

    /// Its name.
    var name: String { String(describing: self) }

    /// The member of that name.
    static func named(_ name: ByteView) -> Member? {
        switch name.count {
        case 2: name.equals("id") ? .id : nil
        case 3: ofThree(name)
        case 4: ofFour(name)
        case 5: ofFive(name)
        case 6: ofSix(name)
        case 7: ofSeven(name)
        case 8: name.equals("presence") ? .presence : name.equals("telegram") ? .telegram : nil
        case 11: name.equals("owner_epoch") ? .owner_epoch : nil
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
        case UInt8(ascii: "f"): name.equals("from") ? .from : nil
        case UInt8(ascii: "t"): name.equals("text") ? .text : nil
        case UInt8(ascii: "m"): name.equals("meta") ? .meta : nil
        default: nil
        }
    }

    private static func ofFive(_ name: ByteView) -> Member? {
        switch name[0] {
        case UInt8(ascii: "s"): name.equals("since") ? .since : name.equals("state") ? .state : nil
        case UInt8(ascii: "e"): name.equals("epoch") ? .epoch : name.equals("error") ? .error : nil
        case UInt8(ascii: "l"): name.equals("limit") ? .limit : nil
        case UInt8(ascii: "a"): name.equals("after") ? .after : nil
        case UInt8(ascii: "t"): name.equals("token") ? .token : name.equals("title") ? .title : nil
        case UInt8(ascii: "r"): name.equals("rooms") ? .rooms : nil
        case UInt8(ascii: "p"): name.equals("parts") ? .parts : nil
        case UInt8(ascii: "u"): name.equals("usage") ? .usage : nil
        default: nil
        }
    }

    private static func ofSix(_ name: ByteView) -> Member? {
        switch name[0] {
        case UInt8(ascii: "b"): name.equals("before") ? .before : nil
        case UInt8(ascii: "c"): name.equals("client") ? .client : nil
        case UInt8(ascii: "s"): name.equals("stream") ? .stream : nil
        default: nil
        }
    }

    private static func ofSeven(_ name: ByteView) -> Member? {
        switch name[0] {
        case UInt8(ascii: "d"): name.equals("durable") ? .durable : nil
        case UInt8(ascii: "s"): name.equals("session") ? .session : nil
        case UInt8(ascii: "a"): name.equals("attempt") ? .attempt : nil
        default: nil
        }
    }
}
