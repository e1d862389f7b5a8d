import HubProtocol
import Testing

@testable import HubCore

/// The pure parts of jobs: ids, waits, lease tokens, numbers.
@Suite struct JobPartsTests {
    @Test func anIdIsThatOfTenantUserAndKey() {
        let id = JobIdentity.id(tenant: .default, user: "anna", key: "k")
        #expect(id == JobIdentity.id(tenant: .default, user: "anna", key: "k"))
        #expect(id.utf8.count == 33)
        #expect(JobIdentity.room(of: id)?.text == "job:\(id)")
        let others = [
            JobIdentity.id(tenant: .default, user: "anna", key: "k2"),
            JobIdentity.id(tenant: .default, user: "anna2", key: "k"),
            JobIdentity.id(tenant: Tenant("t"), user: "anna", key: "k"),
        ]
        #expect(Set(others + [id]).count == 4)
        #expect(others[0].prefix(17) == id.prefix(17))
    }

    @Test func theRoomOfAJobBelongsToWhoeverSubmittedIt() throws {
        func person(_ user: String, _ tenant: Tenant, _ roles: Roles, rooms: [String] = []) -> Principal {
            Principal(tenant: tenant, user: user, name: user, roles: roles, rooms: rooms, expires: .max, tokenID: nil)
        }
        let room = try #require(JobIdentity.room(of: JobIdentity.id(tenant: .default, user: "anna", key: "k")))
        for action in RoomAction.allCases {
            #expect(Permissions.allows(person("anna", .default, .user), action, in: room))
            #expect(!Permissions.allows(person("boris", .default, .user), action, in: room))
            #expect(!Permissions.allows(person("anna", Tenant("t"), .user), action, in: room))
            #expect(Permissions.allows(person("w", .default, .worker), action, in: room))
        }
        #expect(!Permissions.allows(person("anna", .default, .user), .read, in: RoomName("job:anna")))
        #expect(!Permissions.allows(person("anna", .default, .user), .read, in: RoomName("\(room.text)/side")))
        #expect(Permissions.maySubmitJobs(person("a", .default, .user)))
        #expect(!Permissions.maySubmitJobs(person("a", .default, .viewer)))
        #expect(!Permissions.maySubmitJobs(person("a", .default, [])))
        #expect(Permissions.seesAllJobs(person("a", .default, .operator)))
        #expect(!Permissions.seesAllJobs(person("a", .default, .worker)))
    }

    @Test func waitsDoubleUpToABoundAndAreSpread() {
        #expect((1...4).map { JobRetry.wait(after: $0, random: 0) } == [1, 2, 4, 8].map { .seconds($0) })
        #expect(JobRetry.wait(after: 0, random: 0) == .seconds(1))
        #expect(JobRetry.wait(after: 30, random: 0) == .seconds(300))
        #expect(JobRetry.wait(after: 3, random: 1) == .seconds(3))
    }

    @Test func leaseTokensAreLongAndCompareExactly() {
        var generator = SystemRandomNumberGenerator()
        let tokens = (0..<100).map { _ in LeaseToken.mint(using: &generator) }
        #expect(Set(tokens).count == 100)
        #expect(tokens.allSatisfy { $0.utf8.count == 22 })
        #expect(LeaseToken.equal(tokens[0], tokens[0]))
        #expect(!LeaseToken.equal(tokens[0], tokens[1]))
        #expect(!LeaseToken.equal(tokens[0], String(tokens[0].dropLast())))
    }

    @Test func numbersKeepWhatIsNotSaidAndForgetAnOldEstimate() throws {
        func report(_ fields: String) throws -> JobReport {
            let text = "{\"job\":\"j\",\"lease\":\"l\"\(fields)}"
            let command = try Array(text.utf8).withUnsafeBytes { bytes in
                try JobCommand(.progress, fields: ByteView(bytes))
            }
            guard case .progress(let report) = command else { throw ErrorReply(.internal, "no report") }
            return report
        }
        var numbers = JobNumbers()
        #expect(numbers.isEmpty)
        numbers.update(try report(",\"done\":1,\"total\":2.50,\"eta_ms\":7"))
        #expect(numbers == JobNumbers(done: "1", total: "2.50", eta: 7))
        numbers.update(try report(",\"total\":3"))
        #expect(numbers == JobNumbers(done: "1", total: "3", eta: 7))
        numbers.update(try report(",\"done\":2"))
        #expect(numbers == JobNumbers(done: "2", total: "3", eta: nil))
    }
}
