import Foundation
import HubCore
import Testing

@testable import HubPersistence

@Suite("Epochs", .timeLimit(.minutes(1)))
struct EpochTests {
    private func run(
        _ folder: TemporaryFolder,
        _ body: (SQLiteStore, Recorder) async throws -> Void = { _, _ in }
    ) async throws -> EpochList {
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        try await body(store, recorder)
        store.close()
        return store.epochs
    }

    @Test("every start has a new one and remembers all before it")
    func list() async throws {
        let folder = TemporaryFolder()
        var seen: [String] = []
        for start in 0..<4 {
            let epochs = try await run(folder)
            #expect(epochs.current == start)
            #expect(Array(epochs.names.dropLast()) == seen)
            seen = epochs.names
        }
        #expect(Set(seen).count == 4)
    }

    @Test("a room remembers in which starts it got events, and from which offset on")
    func starts() async throws {
        let folder = TemporaryFolder()
        let (one, two) = (try room("ticket:1"), try room("ticket:2"))
        _ = try await run(folder) { store, recorder in
            await store.write(events(one, 1...3), andWait: recorder)
            await store.write(events(one, 4...4), andWait: recorder)
        }
        _ = try await run(folder) { store, recorder in
            await store.write(events(two, 1...1), andWait: recorder)
        }
        _ = try await run(folder) { store, recorder in
            await store.write(events(one, 5...5), andWait: recorder)
            let starts = try await store.load(one).starts
            #expect(starts.map { "\($0.start) \($0.firstOffset)" } == ["0 1", "2 5"])
            #expect(try await store.load(two).starts.map { "\($0.start) \($0.firstOffset)" } == ["1 1"])
        }
    }

    @Test("a start without events leaves nothing in a room")
    func emptyStart() async throws {
        let folder = TemporaryFolder()
        let room = try room("ticket:1")
        _ = try await run(folder) { store, recorder in
            await store.write([.read(room: room, user: "anna", upto: 0)], andWait: recorder)
            let starts = try await store.load(room).starts
            #expect(starts.isEmpty)
        }
    }

    @Test("a restored older copy does not know the starts behind it, and its new start is another one")
    func restored() async throws {
        let folder = TemporaryFolder()
        let room = try room("ticket:1")
        let first = try await run(folder) { store, recorder in
            await store.write(events(room, 1...3), andWait: recorder)
        }
        let copy = folder.path + "/copy.sqlite"
        try FileManager.default.copyItem(atPath: folder.database, toPath: copy)
        let lost = try await run(folder) { store, recorder in
            await store.write(events(room, 4...9), andWait: recorder)
        }
        try FileManager.default.removeItem(atPath: folder.database)
        try FileManager.default.moveItem(atPath: copy, toPath: folder.database)
        let restored = try await run(folder) { store, recorder in
            #expect(try await store.load(room).head == 3)
            await store.write(events(room, 4...4), andWait: recorder)
            let starts = try await store.load(room).starts
            #expect(starts.map { "\($0.start) \($0.firstOffset)" } == ["0 1", "1 4"])
        }
        #expect(restored.number(of: first.currentName) == 0)
        #expect(restored.number(of: lost.currentName) == nil)
        #expect(restored.current == 1)
    }
}
