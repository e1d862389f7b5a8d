import HubProtocol
import Testing

@testable import HubCore

@Suite struct ConflationTests {
    let room = RoomName("ticket:1")
    let other = RoomName("ticket:2")

    func typing(_ user: String, _ text: String) -> Batch.Ephemeral {
        Batch.Ephemeral(by: user, kind: "typing", line: [UInt8](text.utf8))
    }

    @Test func theLatestOfAPersonAndKindIsLeft() {
        var missed = Conflation()
        missed.add(typing("u1", "first"), in: room)
        missed.add(typing("u1", "second"), in: room)
        missed.add(typing("u2", "third"), in: room)
        missed.add(Batch.Ephemeral(by: "u1", kind: "cursor", line: [UInt8]("fourth".utf8)), in: room)
        missed.add(typing("u1", "fifth"), in: other)
        #expect(missed.count == 4)
        #expect(Set(missed.pushes().map(\.text)) == ["second", "third", "fourth", "fifth"])
    }

    @Test func comingAndGoingEndsWhereItEnded() throws {
        var missed = Conflation()
        let info = { PersonInfo(user: $0, name: $0, roles: [], since: 1) }
        missed.add(Batch.PresenceNews(join: [info("u1"), info("u2")], leave: ["u3"]), in: room)
        missed.add(Batch.PresenceNews(join: [info("u3")], leave: ["u2"]), in: room)
        let pushes = missed.pushes()
        #expect(pushes.count == 1)
        let push = try JSON(parsing: pushes[0])
        #expect(Set(push["join"].list!.map { $0["user"].text! }) == ["u1", "u3"])
        #expect(push["leave"] == ["u2"])
    }

    @Test func theWatermarkIsTheLastOne() throws {
        var missed = Conflation()
        missed.add(durable: 4, in: room)
        missed.add(durable: 9, in: room)
        #expect(missed.pushes().map(\.text) == [#"{"room":"ticket:1","durable":9}"#])
    }

    @Test func ofARoomThatWasLeftNothingFollows() {
        var missed = Conflation()
        missed.add(typing("u1", "gone"), in: room)
        missed.add(Batch.PresenceNews(join: [], leave: ["u3"]), in: room)
        missed.add(durable: 4, in: room)
        missed.add(typing("u1", "stays"), in: other)
        missed.forget(room)
        #expect(missed.count == 1)
        #expect(missed.pushes().map(\.text) == ["stays"])
    }

    @Test func itKnowsHowMuchItRemembers() {
        var missed = Conflation()
        missed.add(typing("u1", "four"), in: room)
        missed.add(typing("u2", "three"), in: other)
        #expect(missed.bytes == 9)
        missed.add(typing("u1", "fo"), in: room)
        #expect(missed.bytes == 7)
        missed.forget(other)
        #expect(missed.bytes == 2)
    }
}
