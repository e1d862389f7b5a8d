import Testing

@testable import HubCore

@Suite struct KeyIndexTests {
    let mine = SendKey(user: "u1", key: "k")

    @Test func aCompleteIndexKnowsThatAKeyIsNew() {
        #expect(KeyIndex(isComplete: true, filterBytes: 1024).standing(of: mine) == .new)
        #expect(KeyIndex(isComplete: false, filterBytes: 1024).standing(of: mine) == .askDisk)
    }

    @Test func aKeyIsTheSendersOwn() {
        var keys = KeyIndex(isComplete: true, filterBytes: 1024)
        keys.add(Events.make(3, by: "u1", key: "k"))
        #expect(keys.standing(of: mine) == .known(KeyedOffset(offset: 3, at: 30)))
        #expect(keys.standing(of: SendKey(user: "u2", key: "k")) == .new)
    }

    @Test func keysThatDifferInBytesAreTwoThoughUnicodeHoldsThemEquivalent() {
        var keys = KeyIndex(isComplete: true, filterBytes: 1024)
        keys.add(Events.make(3, by: "u1", key: "\u{E9}"))
        #expect(keys.standing(of: SendKey(user: "u1", key: "e\u{301}")) == .new)
    }

    @Test func aKeyThatWasDroppedIsAskedOfTheDiskAndANewOneIsNot() {
        var keys = KeyIndex(isComplete: true, filterBytes: 1024)
        keys.add(Events.make(3, key: "k"))
        keys.drop(Events.make(2))
        #expect(keys.standing(of: SendKey(user: "u1", key: "other")) == .new)
        keys.drop(Events.make(3, key: "k"))
        #expect(keys.standing(of: mine) == .askDisk)
        #expect(keys.standing(of: SendKey(user: "u1", key: "other")) == .new)
        #expect(keys.standing(of: SendKey(user: "u2", key: "k")) == .new)
    }

    @Test func whereKeysWereNeverLoadedEveryUnknownOneIsAskedOfTheDisk() {
        var keys = KeyIndex(isComplete: false, filterBytes: 1024)
        keys.add(Events.make(3, key: "k"))
        #expect(keys.standing(of: mine) == .known(KeyedOffset(offset: 3, at: 30)))
        keys.drop(Events.make(3, key: "k"))
        #expect(keys.standing(of: mine) == .askDisk)
        #expect(keys.standing(of: SendKey(user: "u1", key: "other")) == .askDisk)
    }
}
