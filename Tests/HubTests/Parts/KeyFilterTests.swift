import Testing

@testable import HubCore

@Suite struct KeyFilterTests {
    private func key(_ number: Int, of user: String = "u1") -> SendKey { SendKey(user: user, key: "key-\(number)") }

    @Test func anEmptyOneContainsNothingAndTakesNothing() {
        let filter = KeyFilter(limit: 128 << 10)
        #expect(!filter.mayContain(key(1)))
        #expect(filter.bytes == 0)
    }

    @Test func whatWentInIsNeverDenied() {
        var filter = KeyFilter(limit: 128 << 10)
        for number in 0..<20_000 {
            filter.insert(key(number))
            #expect(filter.mayContain(key(number)))
        }
        #expect((0..<20_000).allSatisfy { filter.mayContain(key($0)) })
        #expect(!filter.isFull)
        #expect(filter.bytes <= 64 * 1024)
    }

    @Test func fewNewKeysAreTakenForOldOnes() {
        var filter = KeyFilter(limit: 128 << 10)
        for number in 0..<10_000 { filter.insert(key(number)) }
        // About one in a hundred of each full layer, of which there are four here.
        let mistaken = (10_000..<30_000).count { filter.mayContain(key($0)) }
        #expect(mistaken < 2000)
    }

    @Test func oneThatIsFullGivesItsMemoryBackAndMaybesEverything() {
        var filter = KeyFilter(limit: 128 << 10)
        var number = 0
        while !filter.isFull {
            filter.insert(key(number))
            number += 1
        }
        #expect(number > 90_000)
        #expect(filter.bytes == 0)
        #expect(filter.mayContain(key(-1)))
        filter.insert(key(-2))
        #expect(filter.bytes == 0)
    }
}
