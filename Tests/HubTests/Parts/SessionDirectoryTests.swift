import Reactor
import Testing

@testable import HubCore

@Suite struct SessionDirectoryTests {
    let first = ConnectionID(rawValue: 1)
    let second = ConnectionID(rawValue: 2)
    let anna = Events.person("anna")

    @Test func everyClaimWithoutASessionGetsAFreshOne() {
        let sessions = SessionDirectory()
        let one = sessions.claim(nil, for: anna, connection: first)
        let two = sessions.claim(nil, for: anna, connection: second)
        #expect(one.session != two.session)
        #expect(one.replaced == nil)
        #expect(two.replaced == nil)
    }

    @Test func theSamePersonTakesItOver() {
        let sessions = SessionDirectory()
        let old = sessions.claim(nil, for: anna, connection: first)
        let new = sessions.claim(old.session, for: anna, connection: second)
        #expect(new.session == old.session)
        #expect(new.replaced == first)
        // The old connection's end is no end of the session.
        sessions.release(old.session, by: first)
        #expect(sessions.claim(old.session, for: anna, connection: first).replaced == second)
    }

    @Test func anotherPersonDoesNot() {
        let sessions = SessionDirectory()
        let old = sessions.claim(nil, for: anna, connection: first)
        let thief = sessions.claim(old.session, for: Events.person("boris"), connection: second)
        #expect(thief.session != old.session)
        #expect(thief.replaced == nil)
        let stranger = Principal(
            tenant: Tenant("t2"),
            user: "anna",
            name: "anna",
            roles: .user,
            rooms: [],
            expires: .max,
            tokenID: nil
        )
        #expect(sessions.claim(old.session, for: stranger, connection: second).replaced == nil)
    }

    @Test func anEndedSessionIsForgotten() {
        let sessions = SessionDirectory()
        let old = sessions.claim(nil, for: anna, connection: first)
        sessions.release(old.session, by: first)
        let new = sessions.claim(old.session, for: anna, connection: second)
        #expect(new.session != old.session)
        #expect(new.replaced == nil)
    }

    @Test(arguments: [
        "", "0", String(repeating: "g", count: 32), "+123456789abcdef0123456789abcdef",
        "-" + String(repeating: "0", count: 31),
        String(repeating: "0", count: 33), String(repeating: "é", count: 16),
    ])
    func otherTextIsNoSession(_ text: String) {
        #expect(SessionDirectory.ID(text) == nil)
    }

    @Test func anIDIsThirtyTwoDigits() {
        let id = SessionDirectory.ID(high: 0xF, low: .max)
        #expect(id.text == "000000000000000fffffffffffffffff")
        #expect(SessionDirectory.ID(id.text) == id)
        let random = SessionDirectory.ID.random()
        #expect(SessionDirectory.ID(random.text) == random)
    }

    @Test func aSessionKnowsTheTokensItCameWith() {
        let sessions = SessionDirectory()
        let claim = sessions.claim(nil, for: anna, connection: first)
        let renewed = Events.person("anna", name: "Anne")
        sessions.renew(claim.session, by: second, to: Events.person("anna", name: "of another connection"))
        #expect(sessions.tokens(of: claim.session.text, in: .default).map(\.name) == ["anna"])
        sessions.renew(claim.session, by: first, to: renewed)
        #expect(sessions.tokens(of: claim.session.text, in: .default).map(\.name) == ["anna", "Anne"])
        #expect(sessions.tokens(of: claim.session.text, in: Tenant("t2")).isEmpty)
        #expect(sessions.tokens(of: "none", in: .default).isEmpty)
        sessions.release(claim.session, by: first)
        #expect(sessions.tokens(of: claim.session.text, in: .default).isEmpty)
    }
}
