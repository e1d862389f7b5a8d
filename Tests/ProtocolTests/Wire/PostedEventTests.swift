import HubProtocol
import Testing

/// protocol.md, "HTTP": the body of `POST /api/v1/rooms/{room}/events` has the semantics of `send`.
@Suite("Events posted over HTTP")
struct PostedEventTests {
    private func refusal(_ body: String) -> ErrorReply? {
        lending(body) { view in
            #expect(throws: ErrorReply.self) { try PostedEvent(body: view) }
        }
    }

    @Test("are read with line breaks taken out of data")
    func pretty() throws {
        let body =
            "{\r\n  \"kind\": \"message\",\n  \"data\": {\n    \"text\": \"a\\nb\"\n  },\n  \"key\": \"k\\u0031\",\n  \"ack\": \"accepted\"\n}\n"
        let event = try lending(body) { try PostedEvent(body: $0) }
        #expect(event.kind == "message")
        #expect(String(decoding: event.data, as: UTF8.self) == #"{    "text": "a\nb"  }"#)
        #expect(event.key == "k1")
        #expect(event.ack == .accepted)
    }

    @Test("may leave out key and ack, and have what else they like")
    func least() throws {
        let event = try lending(#"{"kind":"m","data":null,"room":5,"id":"x"}"#) { try PostedEvent(body: $0) }
        #expect(event.data == [UInt8]("null".utf8))
        #expect(event.key == nil)
        #expect(event.ack == .durable)
    }

    @Test(
        "are refused by the rules of send",
        arguments: [
            ("", ErrorCode.badRequest, nil), ("[]", .badRequest, nil), (#"{"kind":"m"}"#, .badRequest, "data"),
            (#"{"data":1}"#, .badRequest, "kind"), (#"{"kind":"status","data":1}"#, .forbidden, "kind"),
            (#"{"kind":"M","data":1}"#, .badRequest, "kind"), (#"{"kind":"m","data":1,"key":""}"#, .badRequest, "key"),
            (#"{"kind":"m","data":1,"ack":1}"#, .badRequest, "ack"),
            (#"{"kind":"m","data":1,"data":2}"#, .badRequest, "data"),
            (#"{"kind":"m","data":"\u0000"}"#, .badRequest, "data"), (#"{"kind":"m","data":1}x"#, .badRequest, nil),
            ("{\"kind\":\"m\",\"data\":\"a\nb\"}", .badRequest, "data"),
        ] as [(String, ErrorCode, String?)]
    )
    func refused(body: String, code: ErrorCode, field: String?) {
        let error = refusal(body)
        #expect(error?.code == code)
        #expect(error?.field == field)
    }

    @Test("are refused where they are not UTF-8")
    func utf8() {
        lending([UInt8](#"{"kind":"m","data":""#.utf8) + [0xed, 0xa0, 0x80] + [UInt8](#""}"#.utf8)) { view in
            let error = #expect(throws: ErrorReply.self) { try PostedEvent(body: view) }
            #expect(error?.code == .badRequest)
        }
    }

    @Test("count data without its line breaks")
    func dataLimit() throws {
        let breaks = String(repeating: "\n", count: 1000)
        let fits = "[\(breaks)\"" + String(repeating: "x", count: 65_532) + "\"]"
        let event = try lending("{\"kind\":\"m\",\"data\":\(fits)}") { try PostedEvent(body: $0) }
        #expect(event.data.count == 65_536)
        let error = refusal("{\"kind\":\"m\",\"data\":[ \(fits.dropFirst())}")
        #expect(error?.code == .tooLarge)
        #expect(error?.field == "data")
    }

    @Test("take a key from a header by the same rule")
    func headerKey() throws {
        #expect(try PostedEvent.validKey("k") == "k")
        #expect(try PostedEvent.validKey(String(repeating: "k", count: 64)).count == 64)
        for key in ["", String(repeating: "k", count: 65)] {
            let error = #expect(throws: ErrorReply.self) { try PostedEvent.validKey(key) }
            #expect(error?.field == "key")
        }
    }
}
