import HubProtocol
import Testing

@Suite("An object written member by member")
struct JSONObjectWriterTests {
    @Test("is compact and keeps the order")
    func golden() {
        var object = JSONObjectWriter()
        object.member("status", "o\"k")
        object.member("n", 12)
        object.member("big", UInt64.max)
        object.member("yes", true)
        object.member("list", ["a", "b"])
        object.member("raw", raw: [UInt8]("[1,{}]".utf8))
        object.object("inner") { inner in
            inner.member("a\"", -1)
            inner.object("empty") { _ in }
        }
        object.objects("people", ["x", "y"]) { name, person in person.member("name", name) }
        object.objects("nobody", [] as [String]) { _, _ in }
        #expect(
            String(decoding: object.finish(), as: UTF8.self)
                == #"{"status":"o\"k","n":12,"big":9223372036854775807,"yes":true,"list":["a","b"],"raw":[1,{}],"#
                + #""inner":{"a\"":-1,"empty":{}},"people":[{"name":"x"},{"name":"y"}],"nobody":[]}"#
        )
    }

    @Test("without members is {}")
    func empty() {
        #expect(JSONObjectWriter().finish() == [UInt8]("{}".utf8))
    }
}
