import HubProtocol
import Testing

/// protocol.md, "Commands": limits and defaults that a single vector does not show.
@Suite("Rules of commands")
struct CommandRulesTests {
    private func decode(_ line: String, limits: CommandLimits = CommandLimits(), _ body: (CommandBody) -> Void) throws {
        try lending(line) { view in
            var decoder = CommandDecoder(limits: limits)
            body(try decoder.decode(view).body)
        }
    }

    private func refusal(_ line: String, limits: CommandLimits = CommandLimits()) -> CommandFault? {
        lending(line) { view in
            var decoder = CommandDecoder(limits: limits)
            return #expect(throws: CommandFault.self) { try decoder.decode(view) }
        }
    }

    private func send(_ rest: String) -> String {
        #"{"id":1,"cmd":"send","room":"a:b","kind":"m",\#(rest)}"#
    }

    @Test(
        "data is kept as it was written, whatever value it is",
        arguments: [
            "null", "true", "0", "-0.10e+05", "\"\"", #""\u0041\/""#, "[ ]", "{ \"b\" : 1 , \"a\":[1,2 ], \"b\":2}",
            "\t5 ",
        ]
    )
    func dataIsRaw(data: String) throws {
        try decode(send("\"data\": \(data) ")) { body in
            guard case .send(let fields) = body else {
                Issue.record("not a send")
                return
            }
            let trimmed = data.drop { $0 == "\t" }
            #expect(fields.data.string() == (trimmed.last == " " ? String(trimmed.dropLast()) : String(trimmed)))
            #expect(fields.key == nil)
            #expect(fields.ack == .durable)
        }
    }

    @Test("data over the limit is too_large, at the limit it is taken", arguments: ["send", "signal"])
    func dataLimit(command: String) throws {
        let limits = CommandLimits()
        #expect(limits.dataBytes == 65_536)
        let start = #"{"id":1,"cmd":"\#(command)","room":"a:b","kind":"m","data":"#
        let fits = "\"" + String(repeating: "x", count: 65_534) + "\""
        try decode(start + fits + "}") { _ in }
        let fault = refusal(start + "\"x" + fits.dropFirst() + "}")
        #expect(fault?.id == 1)
        #expect(fault?.error.code == .tooLarge)
        #expect(fault?.error.field == "data")
    }

    @Test("a key has 1 to 64 bytes after its escapes are resolved")
    func keys() throws {
        for key in ["k", String(repeating: "k", count: 64), String(repeating: "\\u006b", count: 64), "é"] {
            try decode(send("\"data\":1,\"key\":\"\(key)\"")) { body in
                guard case .send(let fields) = body else {
                    Issue.record("not a send")
                    return
                }
                #expect((1...64).contains(fields.key?.count ?? 0))
            }
        }
        #expect(refusal(send("\"data\":1,\"key\":\"\(String(repeating: "é", count: 33))\""))?.error.field == "key")
        #expect(refusal(send("\"data\":1,\"key\":5"))?.error.field == "key")
    }

    @Test("every string may be written with escapes, and all of them are there at once")
    func escapes() throws {
        let line =
            #"{"\u0069d":7,"cmd":"\u0073end","room":"\u0061:b","kind":"\u006d\u006d","key":"\u006b\n","ack":"\u0061ccepted","data":"\u0064"}"#
        try decode(line) { body in
            guard case .send(let fields) = body else {
                Issue.record("not a send")
                return
            }
            #expect(fields.room.bytes.string() == "a:b")
            #expect(fields.kind.string() == "mm")
            #expect(fields.key?.string() == "k\n")
            #expect(fields.ack == .accepted)
            #expect(fields.data.string() == #""\u0064""#)
        }
    }

    @Test(
        "integers are plain: no fraction, exponent, sign of zero, string, or more than 2^53-1",
        arguments: [
            "1.0", "1e3", "1E0", "-0", "-1", "9007199254740992", "99999999999999999999", "\"1\"", "null", "true", "[1]",
            "{}",
        ]
    )
    func integers(number: String) {
        let lines = [
            ("since", #"{"id":1,"cmd":"sub","room":"a:b","epoch":"e","since":"#),
            ("limit", #"{"id":1,"cmd":"sub","room":"a:b","limit":"#),
            ("upto", #"{"id":1,"cmd":"read","room":"a:b","upto":"#),
            ("before", #"{"id":1,"cmd":"history","room":"a:b","before":"#),
            ("after", #"{"id":1,"cmd":"history","room":"a:b","after":"#),
            ("limit", #"{"id":1,"cmd":"history","room":"a:b","limit":"#),
        ]
        for (field, start) in lines {
            let fault = refusal(start + number + "}")
            #expect(fault?.id == 1)
            #expect(fault?.error.code == .badRequest)
            #expect(fault?.error.field == field)
        }
        let fault = refusal(#"{"cmd":"ping","id":\#(number)}"#)
        #expect(fault?.id == nil)
        #expect(fault?.error.field == "id")
    }

    @Test("the largest integers are taken")
    func largest() throws {
        try decode(#"{"id":9007199254740991,"cmd":"read","room":"a:b","upto":9007199254740991}"#) { body in
            guard case .read(_, let upto) = body else {
                Issue.record("not a read")
                return
            }
            #expect(upto == CommandLimits.largestInteger)
        }
    }

    @Test("booleans are true or false", arguments: ["0", "1", "null", "\"true\"", "[]"])
    func booleans(value: String) {
        for field in ["presence", "durable"] {
            #expect(refusal(#"{"id":1,"cmd":"sub","room":"a:b","\#(field)":\#(value)}"#)?.error.field == field)
        }
    }

    @Test("an epoch may come without since")
    func epochAlone() throws {
        try decode(#"{"id":1,"cmd":"sub","room":"a:b","epoch":"e"}"#) { body in
            guard case .sub(let fields) = body else {
                Issue.record("not a sub")
                return
            }
            #expect(fields.since == nil)
            #expect(fields.epoch?.string() == "e")
        }
    }

    @Test("members at command level come once; in data they may come twice")
    func duplicates() throws {
        try decode(send(#""data":{"a":1,"a":2}"#)) { _ in }
        #expect(refusal(send(#""data":1,"data":1"#))?.error.field == "data")
        #expect(refusal(send(#""data":1,"later":1,"later":2"#))?.error.field == "later")
        #expect(refusal(send(#""data":1,"":1,"":2"#))?.error.field == "")
        let long = String(repeating: "l", count: 65)
        #expect(refusal(send(#""data":1,"\#(long)":1,"\#(long)":2"#))?.error.field == nil)
    }

    @Test("an id given more than once cannot be read, however often")
    func duplicateIDs() {
        for line in [#"{"id":1,"cmd":"ping","id":2}"#, #"{"id":1,"id":2,"id":3,"cmd":"ping"}"#] {
            let fault = refusal(line)
            #expect(fault?.id == nil)
            #expect(fault?.error.field == "id")
        }
    }

    @Test("the id is found behind a member that came twice")
    func idBehindDuplicate() {
        #expect(refusal(#"{"cmd":"ping","cmd":"ping","id":9}"#)?.id == 9)
    }

    @Test("has at most 64 members, unknown ones included")
    func memberCount() throws {
        func line(_ count: Int) -> String {
            "{\"id\":1,\"cmd\":\"ping\"" + (0..<count).map { ",\"x\($0)\":0" }.joined() + "}"
        }
        try decode(line(62)) { _ in }
        let fault = refusal(line(63))
        #expect(fault?.id == 1)
        #expect(fault?.error.code == .badRequest)
        #expect(refusal(line(20_000))?.error.code == .badRequest)
    }

    @Test("the id is found behind more members than are allowed")
    func idBehindTooMany() {
        let unknown = (0..<70).map { "\"x\($0)\":0," }.joined()
        #expect(refusal("{\(unknown)\"cmd\":\"ping\",\"id\":9}")?.id == 9)
    }

    @Test("nesting is bounded by the command's own braces and all within")
    func depth() throws {
        func data(_ levels: Int) -> String {
            "\"data\":" + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        try decode(send(data(31))) { _ in }
        let fault = refusal(send(data(32)))
        #expect(fault?.id == 1)
        #expect(fault?.error.field == "data")
        #expect(fault?.error.message == "the JSON is nested deeper than 32 levels")
        var limits = CommandLimits()
        limits.depth = 1
        #expect(refusal(send(data(1)), limits: limits)?.error.field == "data")
        #expect(refusal(send(data(100_000)))?.error.code == .badRequest)
    }

    @Test(
        "a name that is not served gets unsupported, field cmd",
        arguments: [
            "stream.nothing", "job.nothing", "job.", "desk.list", "desk.takeover", "frobnicate", "subs", "pong", "x",
        ]
    )
    func unsupported(name: String) throws {
        try decode(#"{"id":1,"cmd":"\#(name)","room":5}"#) { body in
            guard case .unsupported(let found) = body else {
                Issue.record("served")
                return
            }
            #expect(found.string() == name)
            let error = ErrorReply.unsupported(command: found)
            #expect(error.code == .unsupported)
            #expect(error.field == "cmd")
            #expect(error.message.contains(name))
            let unheardOf = ["stream.nothing", "job.nothing", "job.", "frobnicate", "subs", "pong", "x"]
            #expect(error.message.contains("there is no command") == unheardOf.contains(name))
        }
    }

    @Test(
        "what cannot be a name is bad_request, field cmd",
        arguments: [
            #""""#, #""PING""#, #""a b""#, #""a-b""#, #""é""#, "null", "[]", "\"\(String(repeating: "a", count: 65))\"",
        ]
    )
    func noName(name: String) {
        let fault = refusal(#"{"id":1,"cmd":\#(name)}"#)
        #expect(fault?.error.code == .badRequest)
        #expect(fault?.error.field == "cmd")
    }
}
