import HubProtocol
import Testing

@testable import HubCore

extension HubOverParts {
    /// The board of jobs over real loops and a real disk.
    @Suite struct JobBoardTests {
        private static let worker = "user=w roles=worker"

        @discardableResult
        private static func submit(_ peer: Peer, _ key: String, _ more: [String: JSON] = [:]) throws -> JSON {
            let fields: [String: JSON] = ["kind": "k", "input": 1, "key": .text(key)]
            return try peer.call("job.submit", fields.merging(more) { $1 })
        }

        private static func claim(_ peer: Peer, _ more: [String: JSON] = [:]) throws -> JSON {
            try peer.call("job.claim", ["kinds": ["k"]].merging(more) { $1 })
        }

        private static func lease(_ got: JSON, _ more: [String: JSON] = [:]) -> [String: JSON] {
            ["job": got["job"], "lease": got["lease"]].merging(more) { $1 }
        }

        @Test(arguments: [0, 1]) func aJobIsDoneFromAnyLoop(_ loop: Int) async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let anna = try hub.join("user=anna", on: 1 - loop)
                let worker = try hub.join(Self.worker, on: loop)
                let made = try Self.submit(anna, "1")
                #expect(try Self.submit(anna, "1")["duplicate"] == true)
                let got = try Self.claim(worker)
                #expect(got["job"] == made["job"])
                #expect(try Self.claim(worker)["job"] == .null)
                _ = try worker.call("job.progress", Self.lease(got, ["stage": "s", "done": 1]))
                let seen = try anna.call("job.get", ["job": made["job"]])
                #expect(seen["state"] == "running" && seen["stage"] == "s" && seen["done"] == 1)
                #expect(try anna.call("job.answer", ["job": made["job"], "question": "q", "text": "t"])["offset"] == 4)
                #expect(try worker.push(with: "answer")["answer"]["text"] == "t")
                #expect(try worker.call("job.done", Self.lease(got, ["result": 2]))["state"] == "done")
                #expect(try worker.call("job.done", Self.lease(got, ["result": 2]))["state"] == "done")
                #expect(try anna.call("job.get", ["job": made["job"]])["result"] == 2)
                #expect(try anna.refusal("job.cancel", ["job": made["job"]])["code"] == "conflict")
                #expect(try anna.refusal("job.get", ["job": "nothing"])["code"] == "not_found")
            }
        }

        @Test func nothingIsToldBeforeItIsDurable() async throws {
            try await withHub { hub in
                let anna = try hub.join("user=anna")
                let worker = try hub.join(Self.worker)
                hub.store.holdWrites()
                let asked = try anna.say("job.submit", ["kind": "k", "input": 1, "key": "1"])
                #expect(try Self.claim(worker)["job"] == .null)
                #expect(anna.inbox == [])
                hub.store.releaseWrites()
                let made = try anna.reply(to: asked)["ok"]
                hub.store.holdWrites()
                let claimed = try worker.say("job.claim", ["kinds": ["k"]])
                let cancelled = try anna.say("job.cancel", ["job": made["job"]])
                try hub.wait { shard in shard.jobs?.jobs.values.first?.waiting.count == 1 }
                #expect(worker.inbox == [])
                hub.store.releaseWrites()
                #expect(try worker.reply(to: claimed)["ok"]["job"] == made["job"])
                #expect(try anna.reply(to: cancelled)["ok"]["state"] == "running")
                #expect(try worker.push(with: "cancel")["cancel"]["by"] == "anna")
            }
        }

        @Test func whatTheDiskRefusesLeavesTheJobAsItWas() async throws {
            try await withHub { hub in
                let anna = try hub.join("user=anna")
                let worker = try hub.join(Self.worker)
                let made = try Self.submit(anna, "1")
                hub.store.say(.unavailable)
                #expect(try anna.refusal("job.submit", ["kind": "k", "input": 1, "key": "2"])["code"] == "unavailable")
                #expect(try worker.refusal("job.claim", ["kinds": ["k"]])["code"] == "unavailable")
                #expect(try anna.refusal("job.cancel", ["job": made["job"]])["code"] == "unavailable")
                #expect(try anna.call("job.get", ["job": made["job"]])["state"] == "queued")
                hub.store.say(nil)
                let got = try Self.claim(worker, ["wait_ms": 30_000])
                hub.store.say(.busy(retryAfter: 10))
                #expect(try worker.refusal("job.done", Self.lease(got, ["result": 1]))["code"] == "busy")
                #expect(try worker.refusal("job.progress", Self.lease(got, ["log": "x"]))["code"] == "busy")
                #expect(
                    try anna.refusal("job.answer", ["job": got["job"], "question": "q", "text": "t"])["code"] == "busy"
                )
                hub.store.say(nil)
                #expect(try worker.call("job.done", Self.lease(got, ["error": "e"]))["state"] == "failed")
            }
        }

        @Test func aCrashTakesNothingBackThatWasTold() async throws {
            try await withHub { hub in
                let anna = try hub.join("user=anna")
                let worker = try hub.join(Self.worker)
                let made = try Self.submit(anna, "1")
                let got = try Self.claim(worker)
                let waiting = try Self.submit(anna, "2")
                let again = try hub.crashed()
                defer { again.stop() }
                let later = try again.join(Self.worker)
                #expect(try Self.claim(later)["job"] == waiting["job"])
                #expect(try later.call("job.done", Self.lease(got, ["result": 1]))["state"] == "done")
                let asker = try again.join("user=anna")
                #expect(try asker.call("job.get", ["job": made["job"]])["state"] == "done")
            }
        }

        @Test func tenantsHaveTheirBounds() async throws {
            var options = TestHubOptions()
            options.hub.jobsPerTenant = 3
            options.hub.jobsRunning = 1
            options.hub.jobBytesPerTenant = 100
            options.hub.jobClaimsPerTenant = 1
            try await withHub(options) { hub in
                let anna = try hub.join("user=anna")
                let worker = try hub.join(Self.worker)
                for key in ["1", "2", "3"] { try Self.submit(anna, key) }
                #expect(try anna.refusal("job.submit", ["kind": "k", "input": 1, "key": "4"])["code"] == "busy")
                let other = try hub.join("user=anna tenant=t")
                let long = JSON.text(String(repeating: "x", count: 99))
                try Self.submit(other, "1")
                #expect(try other.refusal("job.submit", ["kind": "k", "input": long, "key": "2"])["code"] == "busy")
                let got = try Self.claim(worker)
                let next = try worker.say("job.claim", ["kinds": ["k"], "wait_ms": 30_000])
                #expect(try worker.refusal("job.claim", ["kinds": ["k"], "wait_ms": 1])["code"] == "busy")
                _ = try worker.call("job.done", Self.lease(got, ["result": 1]))
                #expect(try worker.reply(to: next)["ok"]["job"] != got["job"])
            }
        }

        @Test func attemptsAreCountedAndTheLastOneIsTheEnd() async throws {
            var options = TestHubOptions()
            options.hub.jobAttempts = 2
            try await withHub(options) { hub in
                let anna = try hub.join("user=anna")
                let worker = try hub.join(Self.worker)
                try Self.submit(anna, "1")
                var got = try Self.claim(worker)
                #expect(
                    try worker.call("job.done", Self.lease(got, ["error": 1, "retry": true]))["state"] == "queued"
                )
                got = try Self.claim(worker, ["wait_ms": 30_000, "lease_ms": 1000])
                #expect(got["attempt"] == 2)
                try hub.wait { shard in shard.jobs?.jobs.isEmpty == true }
                #expect(try worker.refusal("job.done", Self.lease(got, ["result": 1]))["current"]["state"] == "failed")
                let counts = hub.run { shard in shard.jobs?.report() }
                #expect(counts?.lost == 1 && counts?.retried == 1 && counts?.ended == [.failed: 1])
                #expect(counts?.queued == 0 && counts?.running == 0 && counts?.attempts == 2)
            }
        }

        @Test func cancelledJobsLeaveNothingBehind() async throws {
            try await withHub { hub in
                let anna = try hub.join("user=anna roles=operator")
                for number in 0..<200 {
                    let made = try Self.submit(anna, "\(number)")
                    #expect(try anna.call("job.cancel", ["job": made["job"]])["state"] == "cancelled")
                }
                try Self.submit(anna, "last")
                let left = hub.run { shard in shard.jobs?.tenants[.default]?.ready.count ?? 0 }
                #expect(left < 100)
                #expect(try anna.call("job.list", ["state": "queued"])["jobs"].list?.count == 1)
            }
        }

        @Test func whoWaitsIsForgottenWithItsConnectionAndAnsweredAtTheEnd() async throws {
            try await withHub { hub in
                var gone: Peer? = try hub.join(Self.worker)
                let stays = try hub.join(Self.worker)
                _ = try gone?.say("job.claim", ["kinds": ["k"], "wait_ms": 30_000])
                let asked = try stays.say("job.claim", ["kinds": ["k"], "wait_ms": 30_000])
                try hub.wait { shard in shard.jobs?.report().claims == 2 }
                gone = nil
                try hub.wait { shard in shard.jobs?.report().claims == 1 }
                _ = hub.run { shard in shard.jobs?.drain() }
                #expect(try stays.reply(to: asked)["ok"]["job"] == .null)
                #expect(try Self.claim(stays, ["wait_ms": 30_000])["job"] == .null)
            }
        }

        @Test func theSameIsServedToTheProgramItself() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let anna = Events.person("anna", roles: .user)
                let submission = try JobListing(state: nil, kind: nil, cursor: nil, limit: 1)
                let listed: Result<[UInt8], ErrorReply> = hub.ask(on: 1) { shard, done in
                    shard.job(anna, .list(submission), reply: done)
                }
                #expect(try String(decoding: listed.get(), as: UTF8.self) == #"{"jobs":[]}"#)
                let missing: Result<[UInt8], ErrorReply> = hub.ask { shard, done in
                    shard.job(anna, .cancel(job: "x"), reply: done)
                }
                #expect(throws: ErrorReply.self) { try missing.get() }
            }
        }
    }
}
