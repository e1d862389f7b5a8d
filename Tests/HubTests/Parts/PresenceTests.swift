import HubProtocol
import Testing

@testable import HubCore

@Suite struct PresenceTests {
    @Test func aPersonIsThereWithTheFirstConnectionAndGoneAfterTheLast() {
        var presence = Presence()
        presence.connected(Events.person("u1", name: "Anna", roles: [.user, .helper]), since: 5)
        presence.connected(Events.person("u1"), since: 6)
        var news = presence.takeNews()
        #expect(news.join == [PersonInfo(user: "u1", name: "u1", roles: ["user"], since: 5)])
        #expect(news.leave == [])
        #expect(presence.disconnected("u1") == nil)
        let ticket = presence.disconnected("u1")
        #expect(!presence.hasNews)
        presence.departed("u1", ticket: ticket!)
        #expect(presence.isEmpty)
        news = presence.takeNews()
        #expect(news.leave == ["u1"])
        #expect(!presence.hasNews)
    }

    @Test func whoComesBackInTimeNeverLeft() {
        var presence = Presence()
        presence.connected(Events.person("u1"), since: 5)
        _ = presence.takeNews()
        let first = presence.disconnected("u1")!
        presence.connected(Events.person("u1"), since: 9)
        presence.departed("u1", ticket: first)
        #expect(!presence.hasNews)
        let second = presence.disconnected("u1")!
        presence.departed("u1", ticket: first)
        #expect(!presence.hasNews)
        #expect(presence.people().map(\.since) == [5])
        presence.departed("u1", ticket: second)
        #expect(presence.takeNews().leave == ["u1"])
    }

    @Test func comingAndGoingWithinATurnIsNoNews() {
        var presence = Presence()
        presence.connected(Events.person("u1"), since: 5)
        presence.departed("u1", ticket: presence.disconnected("u1")!)
        #expect(!presence.hasNews)
        presence.connected(Events.person("u2"), since: 6)
        _ = presence.takeNews()
        presence.departed("u2", ticket: presence.disconnected("u2")!)
        presence.connected(Events.person("u2"), since: 8)
        #expect(!presence.hasNews)
    }

    @Test func peopleComeInTheOrderTheyCame() {
        var presence = Presence()
        presence.connected(Events.person("u3"), since: 7)
        presence.connected(Events.person("u2"), since: 7)
        presence.connected(Events.person("u1"), since: 9)
        #expect(presence.people().map(\.user) == ["u2", "u3", "u1"])
    }

    @Test func strangersCantLeave() {
        var presence = Presence()
        #expect(presence.disconnected("u1") == nil)
        presence.departed("u1", ticket: 0)
        #expect(!presence.hasNews)
    }

    @Test func aNewNameIsShownAnew() {
        var presence = Presence()
        presence.connected(Events.person("u1", name: "Anna"), since: 5)
        _ = presence.takeNews()
        presence.renew(Events.person("u1", name: "Anna"))
        #expect(!presence.hasNews)
        presence.renew(Events.person("u1", name: "Anne"))
        presence.renew(Events.person("u1", name: "Anna Maria"))
        presence.renew(Events.person("u2", name: "nobody here"))
        let news = presence.takeNews()
        #expect(news.join == [PersonInfo(user: "u1", name: "Anna Maria", roles: ["user"], since: 5)])
        #expect(news.leave == [])
        presence.renew(Events.person("u1", name: "Anna"))
        presence.departed("u1", ticket: presence.disconnected("u1")!)
        #expect(presence.takeNews().join == [])
        #expect(!presence.hasNews)
    }

    @Test func whoComesAndIsRenamedInATurnJoinsOnce() {
        var presence = Presence()
        presence.connected(Events.person("u1", name: "Anna"), since: 5)
        presence.renew(Events.person("u1", name: "Anne"))
        #expect(presence.takeNews().join.map(\.name) == ["Anne"])
    }
}
