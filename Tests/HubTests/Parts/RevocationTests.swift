import Reactor
import Testing

@testable import HubCore

@Suite struct RevocationTests {
    private let target = ReplyTarget.call(loop: 0, id: 1)

    private func person(
        _ user: String = "anna",
        tenant: Tenant = .default,
        jti: String? = nil,
        issued: Int64? = nil
    ) -> Principal {
        Principal(
            tenant: tenant,
            user: user,
            name: user,
            roles: .user,
            rooms: [],
            expires: 90_000,
            tokenID: jti,
            issued: issued
        )
    }

    private func revocation(
        _ subject: Revocation.Subject,
        tenant: Tenant = .default,
        at: Int64 = 50_500,
        until: Int64? = nil
    ) -> Revocation {
        Revocation(tenant: tenant, subject: subject, at: at, until: until)
    }

    @Test func aPersonsTokensUpToThenAreRefused() {
        let revoked = revocation(.user("anna"))
        #expect(revoked.refuses(person()))
        #expect(revoked.refuses(person(issued: 49_000)))
        #expect(revoked.refuses(person(issued: 50_000)), "the same second")
        #expect(!revoked.refuses(person(issued: 51_000)))
        #expect(!revoked.refuses(person("boris")))
        #expect(!revoked.refuses(person(tenant: Tenant("t2"))))
    }

    @Test func aTokenIsRefusedByItsIDOrByWhatElseItIs() {
        #expect(revocation(.tokenID("j1")).refuses(person(jti: "j1")))
        #expect(!revocation(.tokenID("j1")).refuses(person(jti: "j2")))
        #expect(!revocation(.tokenID("j1")).refuses(person()))
        let token = Revocation.token(of: person(issued: 1000), at: 5)
        #expect(token.until == 90_000)
        #expect(token.refuses(person(issued: 1000)))
        #expect(!token.refuses(person(issued: 2000)))
        #expect(Revocation.token(of: person(jti: "j1"), at: 5).subject == .tokenID("j1"))
    }

    @Test func theListRefusesWhatStandsInIt() {
        let known = [revocation(.user("anna")), revocation(.tokenID("j1"), tenant: Tenant("t2"))]
        let list = RevocationList(known, mostPerTenant: 10)
        #expect(list.refuses(person()))
        #expect(!list.refuses(person("boris")))
        #expect(list.refuses(person("boris", tenant: Tenant("t2"), jti: "j1")))
        #expect(!list.refuses(person("boris", jti: "j1")))
        #expect(list.add([revocation(.session("s1"))], at: 50_500, reply: target))
        #expect(list.refuses(session: "s1", of: .default))
        #expect(!list.refuses(session: "s1", of: Tenant("t2")))
        #expect(!RevocationList([], mostPerTenant: 10).refuses(person()))
    }

    @Test func whoWaitsHearsOfTheLastOfThem() {
        let list = RevocationList([], mostPerTenant: 10)
        let (session, token) = (revocation(.session("s1")), revocation(.tokenID("j1")))
        #expect(list.add([session, token], at: 50_500, reply: target))
        #expect(list.committed(session).isEmpty)
        #expect(list.committed(token).count == 1)
        #expect(list.committed(token).isEmpty)
    }

    @Test func aTenantHasSoManyAndThoseThatHaveEndedGo() {
        let list = RevocationList([], mostPerTenant: 2)
        #expect(list.add([revocation(.user("u1"), until: 100)], at: 1, reply: target))
        #expect(list.add([revocation(.user("u2"))], at: 1, reply: target))
        #expect(!list.add([revocation(.user("u3"))], at: 99, reply: target))
        #expect(list.add([revocation(.user("u3"), tenant: Tenant("t2"))], at: 99, reply: target))
        #expect(list.add([revocation(.user("u3"))], at: 100, reply: target))
        #expect(list.count == 3)
        #expect(!list.refuses(person("u1")))
    }

    @Test func aLaterOneOfTheSameTakesItsPlace() {
        let list = RevocationList([], mostPerTenant: 1)
        #expect(list.add([revocation(.user("anna"))], at: 1, reply: target))
        #expect(list.refuses(person(issued: 50_000)))
        #expect(!list.refuses(person(issued: 60_000)))
        #expect(list.add([revocation(.user("anna"), at: 60_500)], at: 1, reply: target))
        #expect(list.refuses(person(issued: 60_000)))
        #expect(!list.add([revocation(.user("other"))], at: 1, reply: target))
    }
}
