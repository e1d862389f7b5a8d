import Foundation
import Testing

@testable import Generation

struct ProviderErrorsTests {
    private func wait(_ fields: [(name: String, value: String)], now: Date = Date()) -> Duration? {
        ProviderErrors.retryAfter(UpstreamHead(status: 429, fields: fields), now: now)
    }

    @Test("Retry-After is read in milliseconds, in seconds and as a date")
    func retryAfter() {
        #expect(wait([("retry-after-ms", "250"), ("retry-after", "9")]) == .milliseconds(250))
        #expect(wait([("retry-after", "1.5")]) == .milliseconds(1500))
        let now = Date(timeIntervalSince1970: 1_445_412_475)
        #expect(wait([("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")], now: now) == .seconds(5))
        #expect(wait([("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")]) == .zero)
    }

    @Test("a Retry-After that makes no sense does not count", arguments: ["soon", "-1", "1e99", "nan", ""])
    func senseless(value: String) {
        #expect(wait([("retry-after", value)]) == nil)
    }

    @Test("the provider's own word on trying again counts")
    func shouldRetry() {
        for (word, wanted) in [("true", true), ("false", false)] {
            let head = UpstreamHead(status: 500, fields: [("x-should-retry", word)])
            #expect(ProviderErrors.failure(head, codes: []).isTransient == wanted)
        }
    }

    @Test("what is wrong with the request or the account is not tried again on the same provider")
    func transient() {
        let final: Set<ProviderFailure.Kind> = [.address, .quota, .unauthorized, .request, .filtered]
        for kind in ProviderFailure.Kind.allCases {
            #expect(ProviderFailure(kind).isTransient == !final.contains(kind))
            #expect(ProviderFailure(kind).isElsewhereWorthTrying == (kind != .filtered))
        }
    }

    @Test("a code of the provider is kept short")
    func longCode() {
        #expect(ProviderFailure(.server, code: String(repeating: "x", count: 999)).code?.count == 64)
    }
}
