import Testing

@testable import HubProtocol

@Suite("permessage-deflate offers: RFC 7692 §7.1")
struct DeflateOfferTests {
    private func offer(_ parameters: String) throws -> DeflateOffer? {
        let text = parameters.isEmpty ? "permessage-deflate" : "permessage-deflate; " + parameters
        return DeflateOffer(try #require(ExtensionElement.parse(text)?.first))
    }

    @Test(
        "invalid offers are none",
        arguments: [
            "unknown", "unknown=1",
            "server_no_context_takeover=1", "client_no_context_takeover=true",
            "server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16",
            "server_max_window_bits=0",
            "server_max_window_bits=010", "server_max_window_bits=09", "server_max_window_bits=a",
            "server_max_window_bits=-9",
            "server_max_window_bits=+9", "client_max_window_bits=7", "client_max_window_bits=16",
            "client_max_window_bits=08",
            "client_max_window_bits=x",
            "server_no_context_takeover; server_no_context_takeover",
            "client_no_context_takeover; client_no_context_takeover",
            "server_max_window_bits=10; server_max_window_bits=10", "client_max_window_bits; client_max_window_bits=10",
            "Server_No_Context_Takeover",
        ]
    )
    func invalid(_ parameters: String) throws {
        #expect(try offer(parameters) == nil)
    }

    @Test("another extension is no offer")
    func otherName() throws {
        #expect(DeflateOffer(try #require(ExtensionElement.parse("permessage-bzip2")?.first)) == nil)
    }

    private static let smallWindows = DeflatePolicy(
        serverContextTakeover: true,
        clientContextTakeover: true,
        serverMaxWindowBits: 11,
        clientMaxWindowBits: 10
    )

    @Test(
        "grants follow offer and policy, and the answer says what was granted",
        arguments: [
            ("", DeflatePolicy.asOffered, ""),
            ("", DeflatePolicy(), "; server_no_context_takeover; client_no_context_takeover"),
            ("server_no_context_takeover", .asOffered, "; server_no_context_takeover"),
            ("client_no_context_takeover", .asOffered, "; client_no_context_takeover"),
            ("server_max_window_bits=9", .asOffered, "; server_max_window_bits=9"),
            ("server_max_window_bits=\"15\"", .asOffered, "; server_max_window_bits=15"),
            ("client_max_window_bits", .asOffered, ""),
            ("client_max_window_bits=8", .asOffered, "; client_max_window_bits=8"),
            ("client_max_window_bits=15", .asOffered, "; client_max_window_bits=15"),
            ("", smallWindows, "; server_max_window_bits=11"),
            ("client_max_window_bits", smallWindows, "; server_max_window_bits=11; client_max_window_bits=10"),
            ("client_max_window_bits=9", smallWindows, "; server_max_window_bits=11; client_max_window_bits=9"),
            (
                "client_max_window_bits=12; server_max_window_bits=14", smallWindows,
                "; server_max_window_bits=11; client_max_window_bits=10"
            ),
            (
                "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9",
                .asOffered,
                "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9"
            ),
        ] as [(String, DeflatePolicy, String)]
    )
    func grants(_ parameters: String, _ policy: DeflatePolicy, _ expected: String) throws {
        let offer = try #require(try offer(parameters))
        let granted = try #require(offer.accepted(by: policy))
        let answer = offer.answer(granted)
        #expect(answer == "permessage-deflate" + expected)
        #expect(granted.serverNoContextTakeover == expected.contains("server_no_context_takeover"))
        #expect(granted.clientNoContextTakeover == expected.contains("client_no_context_takeover"))
        let serverBits = expected.firstMatch(of: /server_max_window_bits=(\d+)/).flatMap { Int($0.1) }
        #expect(granted.serverMaxWindowBits == serverBits ?? 15)
        let clientBits = expected.firstMatch(of: /client_max_window_bits=(\d+)/).flatMap { Int($0.1) }
        #expect(granted.clientMaxWindowBits == clientBits ?? 15)
    }

    @Test("a server window of 8 bits is declined, a client's is fine")
    func eightBits() throws {
        #expect(try offer("server_max_window_bits=8")?.accepted(by: .asOffered) == nil)
        #expect(try offer("client_max_window_bits=8")?.accepted(by: .asOffered) != nil)
    }

    @Test("a client that never said it understands client_max_window_bits is read with a full window")
    func fullWindow() throws {
        let granted = try #require(try offer("")?.accepted(by: Self.smallWindows))
        #expect(granted.clientMaxWindowBits == 15)
    }

    @Test("parameters and policies stay within what zlib can do")
    func clamps() {
        let parameters = DeflateParameters(serverMaxWindowBits: 8, clientMaxWindowBits: 99)
        #expect(parameters.serverMaxWindowBits == 9)
        #expect(parameters.clientMaxWindowBits == 15)
        let policy = DeflatePolicy(serverMaxWindowBits: 0, clientMaxWindowBits: 0)
        #expect(policy.serverMaxWindowBits == 9)
        #expect(policy.clientMaxWindowBits == 8)
        #expect(MemoryLayout<DeflateParameters?>.size == 4)
    }
}
