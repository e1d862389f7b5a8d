import HubProtocol
import Testing

@Suite("Plain integers")
struct JSONIntegerTests {
    @Test(
        "are read in the whole range of 64 bits",
        arguments: [0, 1, -1, 10, 42, 9_007_199_254_740_991, .max, .max - 1, .min, .min + 1] as [Int64]
    )
    func range(number: Int64) {
        lending(String(number)) { #expect(JSONInteger.value(of: $0) == number) }
    }

    @Test(
        "are nothing else, and never overflow",
        arguments: [
            "", "-", "-0", "00", "01", "-01", "1.0", "1e3", "1E3", "1.", "+1", " 1", "1 ", "a", "1a", "0x1", "--1",
            "9223372036854775808", "-9223372036854775809", "18446744073709551617",
            "99999999999999999999999999999999999",
            "92233720368547758070",
        ]
    )
    func others(text: String) {
        lending(text) { #expect(JSONInteger.value(of: $0) == nil) }
    }
}
