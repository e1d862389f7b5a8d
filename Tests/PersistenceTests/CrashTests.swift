import Foundation
import Glibc
import HubCore
import HubProtocol
import Synchronization
import Testing

@testable import HubPersistence

@Suite("Death of the process", .serialized, .timeLimit(.minutes(5)))
struct CrashTests {
    @Test("after SIGKILL at any time there are whole groups, nothing told as durable is missing, and it goes on")
    func killed() async throws {
        let folder = TemporaryFolder()
        var heads: Int64 = 0
        for round in 0..<8 {
            let path = folder.path
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
                try await Victim(folder: path).run(commits: 5 + round * 9)
            }
            let told = try Victim.told(path)
            let store = try SQLiteStore.open(folder)
            #expect(store.epochs.current == round * 2 + 1)
            let one = try await store.load(room("ticket:1"), events: 10)
            let two = try await store.load(room("ticket:2"), events: 10)
            #expect(one.head == two.head)
            #expect(one.head % 5 == 0)
            #expect(one.head >= told)
            #expect(one.head > heads)
            #expect(one.reads["anna"] == one.head)
            #expect(one.starts.count == round + 1)
            let newest = try #require(one.events.last)
            let key = SendKey(user: "anna", key: "k\(newest.offset)")
            #expect(try await store.offsets(of: [key], in: room("ticket:1"))[key]?.offset == newest.offset)
            heads = one.head
            store.close()
            #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
        }
    }
}

/// The process that dies: writes groups of five events in each of two rooms and a read mark as fast as it can,
/// notes what it was told as durable, and kills itself somewhere behind the given number of commits.
struct Victim {
    let folder: String

    private final class Note: StoreObserver {
        private let file: CInt
        let commits = Atomic(0)

        init(_ path: String) {
            file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }

        func committed(_ commit: StoreCommit) {
            let line = "\(commit.durable[0].offset)\n"
            _ = line.withCString { Glibc.write(file, $0, strlen($0)) }
            commits.add(1, ordering: .relaxed)
        }

        func conditionChanged(_ condition: StoreCondition) {}
        func writabilityChanged(of room: RoomIdentity, isWritable: Bool) {}
        func trimmed(_ room: RoomKey, firstKept: Int64) {}
    }

    func run(commits: Int) async throws {
        var configuration = StoreConfiguration(folder: folder)
        configuration.commitWrites = 11
        configuration.checkpointPages = 20
        let store = try SQLiteStore.open(configuration)
        let note = Note(folder + "/told")
        store.observe(note)
        let (one, two) = (try room("ticket:1"), try room("ticket:2"))
        var offset = try await store.load(one).head
        while true {
            var writes: [StoreWrite] = []
            for next in offset + 1...offset + 5 {
                writes.append(.event(event(one, next, key: "k\(next)")))
                writes.append(.event(event(two, next)))
            }
            offset += 5
            writes.append(.read(room: one, user: "anna", upto: offset))
            store.write(writes)
            if note.commits.load(ordering: .relaxed) >= commits { kill(getpid(), SIGKILL) }
        }
    }

    /// The last offset that the dead process was told as durable.
    static func told(_ folder: String) throws -> Int64 {
        let lines = try String(contentsOfFile: folder + "/told", encoding: .utf8)
        return lines.split(separator: "\n").last.flatMap { Int64($0) } ?? 0
    }
}
