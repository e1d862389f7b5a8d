import HubProtocol
import Testing

/// protocol.md, "Commands", row `hello`.
@Suite("Reading hello")
struct HelloTests {
    private func hello(_ members: String, limits: CommandLimits = CommandLimits(), _ body: (HelloFields) -> Void) throws
    {
        try lending(#"{"id":1,"cmd":"hello",\#(members)}"#) { line in
            var decoder = CommandDecoder(limits: limits)
            guard case .hello(let fields) = try decoder.decode(line).body else {
                Issue.record("not a hello")
                return
            }
            body(fields)
        }
    }

    private func refusal(_ members: String, limits: CommandLimits = CommandLimits()) -> ErrorReply? {
        lending(#"{"id":1,"cmd":"hello",\#(members)}"#) { line in
            var decoder = CommandDecoder(limits: limits)
            let fault = #expect(throws: CommandFault.self) { try decoder.decode(line) }
            #expect(fault?.id == 1)
            return fault?.error
        }
    }

    @Test("takes the least: a token")
    func least() throws {
        try hello(#""token":"t""#) { fields in
            guard case .token(let token) = fields.credential else {
                Issue.record("no token")
                return
            }
            #expect(token.equals("t"))
            #expect(fields.client == nil)
            #expect(fields.session == nil)
            #expect(fields.rooms.isEmpty)
        }
    }

    @Test("takes initData without a bot, escapes resolved")
    func telegram() throws {
        try hello(#""telegram":"user=%7B%7D\u0026hash=0\/1","bot":"main""#) { fields in
            guard case .telegram(let initData, let bot) = fields.credential else {
                Issue.record("no initData")
                return
            }
            #expect(initData.equals("user=%7B%7D&hash=0/1"))
            #expect(bot?.string() == "main")
        }
        try hello(#""telegram":"x""#) { fields in
            guard case .telegram(_, nil) = fields.credential else {
                Issue.record("a bot from nowhere")
                return
            }
        }
    }

    @Test(
        "names what is wrong with a credential, and never repeats it",
        arguments: [
            (#""token":"""#, ErrorCode.badRequest, "token"), (#""token":12"#, .badRequest, "token"),
            (#""token":null"#, .badRequest, "token"), (#""telegram":"""#, .badRequest, "telegram"),
            (#""telegram":{}"#, .badRequest, "telegram"),
            (#""telegram":"s3cret","token":"s3cret""#, .badRequest, "telegram"),
            (#""telegram":"s3cret","bot":true"#, .badRequest, "bot"),
            (#""telegram":"s3cret","bot":1.5"#, .badRequest, "bot"),
            (#""telegram":"s3cret","bot":"""#, .badRequest, "bot"),
            (#""telegram":"s3cret","bot":0"#, .badRequest, "bot"),
            (#""token":"s3cret","client":5"#, .badRequest, "client"),
            (#""token":"s3cret","session":[]"#, .badRequest, "session"),
            (#""token":"s3cret","session":"""#, .badRequest, "session"), (#""token":"s3cret\x""#, .badRequest, "token"),
            (#""token":"s3cret\ud800""#, .badRequest, "token"),
            (#""token":"s3cret","token":"s3cret""#, .badRequest, "token"),
            (#""token":"s3cret","rooms":5"#, .badRequest, "rooms"),
            (#""token":"s3cret","rooms":null"#, .badRequest, "rooms"),
        ]
    )
    func credentials(members: String, code: ErrorCode, field: String) {
        let error = refusal(members)
        #expect(error?.code == code)
        #expect(error?.field == field)
        #expect(error?.message.contains("s3cret") == false)
    }

    @Test("bounds the size of a credential")
    func credentialSize() throws {
        let longest = String(repeating: "t", count: 16_384)
        try hello("\"token\":\"\(longest)\"") { _ in }
        let error = refusal("\"token\":\"\(longest)t\"")
        #expect(error?.code == .tooLarge)
        #expect(error?.field == "token")
    }

    @Test("reads each room as a sub")
    func rooms() throws {
        let rooms =
            #"{"ticket:42":{"since":3,"epoch":"e","limit":7,"presence":true},"user:u7" : {} ,"a\u003ab":{"room":"c:d"}}"#
        try hello(#""rooms":\#(rooms),"token":"t""#) { fields in
            #expect(fields.rooms.map { $0.name.string() } == ["ticket:42", "user:u7", "a:b"])
            let subs = fields.rooms.compactMap { try? $0.request.get() }
            #expect(subs.map { $0.room.bytes.string() } == ["ticket:42", "user:u7", "a:b"])
            #expect(subs.map(\.since) == [3, nil, nil])
            #expect(subs.map { $0.epoch?.string() } == ["e", nil, nil])
            #expect(subs.map(\.limit) == [7, 50, 50])
            #expect(subs.map(\.presence) == [true, false, false])
            #expect(subs.map(\.durable) == [false, false, false])
        }
    }

    @Test("answers for a bad room alone")
    func badRooms() throws {
        let rooms = #"""
            {"ticket":{},"a:b":{},"c:d":5,"e:f":{"since":1},"g:h":{"limit":"x"},"i:j":{"limit":1,"limit":1},"k:l":{},"k:\u006c":{}}
            """#
        try hello(#""token":"t","rooms":\#(rooms)"#) { fields in
            #expect(fields.rooms.map { $0.name.string() } == ["ticket", "a:b", "c:d", "e:f", "g:h", "i:j", "k:l"])
            let fields = fields.rooms.map { room -> String? in
                guard case .failure(let error) = room.request else { return nil }
                #expect(error.code == .badRequest)
                return error.field
            }
            #expect(fields == ["room", nil, "rooms", "epoch", "limit", "limit", "rooms"])
        }
    }

    @Test("bounds the number of rooms", arguments: [0, 1, 3, 4, 5, 300])
    func roomCount(count: Int) throws {
        var limits = CommandLimits()
        limits.rooms = 4
        let rooms = (0..<count).map { "\"a:\($0)\":{}" }.joined(separator: ",")
        let members = "\"token\":\"t\",\"rooms\":{\(rooms)}"
        if count <= 4 {
            try hello(members, limits: limits) { #expect($0.rooms.count == count) }
        } else {
            let error = refusal(members, limits: limits)
            #expect(error?.code == .tooLarge)
            #expect(error?.field == "rooms")
        }
    }

    @Test("refuses rooms that are nested too deeply, as a whole")
    func deepRooms() {
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        let error = refusal(#""token":"t","rooms":{"a:b":{"x":\#(deep)}}"#)
        #expect(error?.code == .badRequest)
        #expect(error?.field == "rooms")
        #expect(error?.message == "the JSON is nested deeper than 32 levels")
    }
}
