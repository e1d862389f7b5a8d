import Testing

@testable import HubProtocol

@Suite("Sec-WebSocket-Extensions: RFC 6455 §9.1")
struct ExtensionElementTests {
    private typealias Parameter = ExtensionElement.Parameter

    @Test("elements, parameters and values, with blanks anywhere between")
    func parses() {
        let expected = [
            ExtensionElement(name: "foo", parameters: []),
            ExtensionElement(
                name: "bar",
                parameters: [Parameter(name: "baz", value: "2"), Parameter(name: "q", value: nil)]
            ),
        ]
        #expect(ExtensionElement.parse("foo,bar;baz=2;q") == expected)
        #expect(ExtensionElement.parse(" foo , bar\t; baz = 2 ; q ") == expected)
        #expect(ExtensionElement.parse(",foo,,bar;baz=\"2\";q,") == expected)
        #expect(ExtensionElement.parse("") == [])
    }

    @Test("quoted values are unquoted, escapes included")
    func quoted() {
        #expect(
            ExtensionElement.parse("a;b=\"c\\d\"") == [
                ExtensionElement(name: "a", parameters: [Parameter(name: "b", value: "cd")])
            ]
        )
    }

    @Test(
        "the grammar is held",
        arguments: [
            "a b", "a;", "a;;b", "a;b=", "a;b=,c", "a;b=\"", "a;b=\"\"", "a;b=\"c", "a;b=\"c\\", "a;b=\"c d\"", "a;=b",
            "(a)", "a;b=c d", "a/b",
        ]
    )
    func malformed(_ text: String) {
        #expect(ExtensionElement.parse(text) == nil)
    }
}
