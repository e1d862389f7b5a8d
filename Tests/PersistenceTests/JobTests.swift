import Foundation
import HubCore
import HubProtocol
import Testing

@testable import HubPersistence

@Suite("Rows of jobs", .timeLimit(.minutes(1)))
struct JobTests {
    private func job(_ id: String, created: Int64 = 1, owner: String = "anna", tenant: Tenant = .default) -> JobRecord {
        JobRecord(
            tenant: tenant,
            id: id,
            kind: "k",
            owner: owner,
            input: Array("{\"ж\":1}".utf8),
            created: created,
            priority: -3,
            limit: 5000
        )
    }

    private func read(
        _ ask: (@escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void) -> Void
    ) async throws -> [JobRecord] {
        try await withCheckedContinuation { continuation in ask { continuation.resume(returning: $0) } }.get()
    }

    private func write(_ jobs: [JobRecord], to store: SQLiteStore, _ recorder: Recorder) async throws {
        var offsets: [String: Int64] = [:]
        var writes: [StoreWrite] = []
        for job in jobs {
            offsets[job.id, default: 0] += 1
            let known = try await store.load(room("job:\(job.id)")).head
            writes.append(.job(event(try room("job:\(job.id)"), known + (offsets[job.id] ?? 1)), job))
        }
        await store.write(writes, andWait: recorder)
    }

    @Test("a row is what was written last, to the letter, also after a start")
    func lastRow() async throws {
        let folder = TemporaryFolder()
        let recorder = Recorder()
        var store = try SQLiteStore.open(folder)
        store.observe(recorder)
        var changed = job("a")
        changed.state = .running
        changed.attempt = 2
        changed.started = 10
        changed.lease = "l"
        changed.leaseTime = 30_000
        changed.worker = "w"
        changed.cancelledBy = "c"
        changed.settled = JobRecord.Settled(lease: "old", state: .queued)
        changed.stage = "s"
        changed.error = Array("\"e\"".utf8)
        try await write([job("a"), changed], to: store, recorder)
        #expect(try await read { store.job("a", of: .default, reply: $0) } == [changed])
        #expect(try await read { store.job("a", of: Tenant("other"), reply: $0) } == [])
        #expect(try await store.load(room("job:a")).head == 2)
        store.close()
        store = try SQLiteStore.open(folder)
        #expect(try await read { store.openJobs(reply: $0) } == [changed])
        store.close()
    }

    @Test("what has ended is no open job")
    func openOnes() async throws {
        let folder = TemporaryFolder()
        let recorder = Recorder()
        let store = try SQLiteStore.open(folder)
        store.observe(recorder)
        var ended = job("b", created: 2)
        ended.state = .done
        ended.ended = 9
        ended.result = Array("[1]".utf8)
        try await write([job("c", created: 3), ended, job("a", tenant: Tenant("t"))], to: store, recorder)
        #expect(try await read { store.openJobs(reply: $0) }.map(\.id) == ["a", "c"])
        #expect(try await read { store.job("b", of: .default, reply: $0) } == [ended])
        store.close()
    }

    @Test("a page is newest first, of one tenant, and narrowed by what is asked")
    func pages() async throws {
        let folder = TemporaryFolder()
        let recorder = Recorder()
        let store = try SQLiteStore.open(folder)
        store.observe(recorder)
        var running = job("d", created: 4, owner: "boris")
        running.state = .running
        try await write(
            [job("a", created: 1), job("b", created: 2), job("c", created: 2), running, job("x", tenant: Tenant("t"))],
            to: store,
            recorder
        )
        func ids(_ listing: JobListing, owner: String? = nil) async throws -> [String] {
            try await read { store.jobs(JobPage(tenant: .default, owner: owner, listing: listing), reply: $0) }.map(
                \.id
            )
        }
        func listing(
            state: String? = nil,
            kind: String? = nil,
            cursor: String? = nil,
            limit: Int64 = 50
        ) throws -> JobListing {
            try JobListing(state: state, kind: kind, cursor: cursor, limit: limit)
        }
        #expect(try await ids(listing()) == ["d", "c", "b", "a"])
        #expect(try await ids(listing(limit: 1)) == ["d", "c"])
        #expect(try await ids(listing(cursor: "2.c")) == ["b", "a"])
        #expect(try await ids(listing(state: "running")) == ["d"])
        #expect(try await ids(listing(kind: "other")) == [])
        #expect(try await ids(listing(state: "queued", kind: "k", cursor: "2.b"), owner: "anna") == ["a"])
        store.close()
    }
}
