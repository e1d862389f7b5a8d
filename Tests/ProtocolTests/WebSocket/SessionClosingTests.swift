import Testing

@testable import HubProtocol

@Suite("Session, closing: RFC 6455 §5.5.1, §7")
struct SessionClosingTests {
    private let run = SessionRun()

    @Test(
        "every valid code is told",
        arguments: [
            1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4400, 4999,
        ] as [UInt16]
    )
    func validCodes(_ code: UInt16) {
        run.expect(ClientFrame.close(code, Array("bye".utf8)), [.close(code, "bye")])
    }

    @Test(
        "every other code is 1002",
        arguments: [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] as [UInt16]
    )
    func invalidCodes(_ code: UInt16) {
        run.expectViolation(ClientFrame.close(code), .protocolError, "RFC 6455 §7.4")
    }

    @Test("a close without payload has no code, half a code is 1002, the longest reason is 123 bytes")
    func payloads() {
        run.expect(ClientFrame.data(.close, []), [.close(nil, "")])
        run.expectViolation(ClientFrame.data(.close, [3]), .protocolError, "RFC 6455 §5.5.1")
        let long = String(repeating: "a", count: 123)
        run.expect(ClientFrame.close(1000, Array(long.utf8)), [.close(1000, long)])
    }

    @Test("a reason that is not UTF-8 is 1007")
    func reason() {
        run.expectViolation(ClientFrame.close(1000, [0xCE, 0xBA, 0xED, 0xA0]), .invalidPayload, "RFC 6455 §5.5.1")
        run.expectViolation(ClientFrame.close(1000, [0xC3]), .invalidPayload, "RFC 6455 §5.5.1")
    }

    @Test("what follows the peer's close frame is not read")
    func afterClose() {
        let bytes = ClientFrame.close(1000) + ClientFrame.text("x") + ClientFrame.data(.ping, [])
        run.expect(bytes, [.close(1000, "")])
        #expect(run.events([bytes, ClientFrame.text("y")]) == [.close(1000, "")])
    }

    private enum Step: CaseIterable {
        case text, ping, violation, peerCloses, hubCloses, hubAnswers, hubSends
    }

    /// What a step tells, writes and leads to.
    private struct Outcome: Equatable, CustomStringConvertible {
        var told: [Received] = []
        var written: [UInt8] = []
        var state: WebSocketSession.State

        var description: String { "\(told) \(written) \(state)" }
    }

    private func take(_ step: Step, _ session: inout WebSocketSession, _ codecs: DeflateCodecs) -> Outcome {
        var told: [Received] = []
        var written: [UInt8] = []
        func read(_ bytes: [UInt8]) {
            DripFeed.lend(bytes) { memory in
                session.receive(memory)
                while let event = session.next(codecs) { told.append(Received(event)) }
            }
        }
        switch step {
        case .text: read(ClientFrame.text("t"))
        case .ping: read(ClientFrame.data(.ping, [7]))
        case .violation: read(ClientFrame.data(.continuation, []))
        case .peerCloses: read(ClientFrame.close(4000))
        case .hubCloses: session.close(.serviceRestart, into: &written)
        case .hubAnswers: session.answerClose(into: &written)
        case .hubSends: session.appendMessage(.empty, text: true, compress: false, codecs: codecs, into: &written)
        }
        return Outcome(told: told, written: written, state: session.state)
    }

    private func reach(_ state: WebSocketSession.State, _ session: inout WebSocketSession, _ codecs: DeflateCodecs) {
        switch state {
        case .open: break
        case .closeSent: _ = take(.hubCloses, &session, codecs)
        case .closeReceived: _ = take(.peerCloses, &session, codecs)
        case .closed:
            _ = take(.peerCloses, &session, codecs)
            _ = take(.hubAnswers, &session, codecs)
        }
        #expect(session.state == state)
    }

    @Test("every event in every state")
    func table() {
        let close = hex("88 02 03 F4")
        let answer = hex("88 02 0F A0")
        let message = hex("81 00")
        let broken = Received.violation(1002, rfc: "RFC 6455 §5.4")
        let expected: [WebSocketSession.State: [Step: Outcome]] = [
            .open: [
                .text: Outcome(told: [.text("t")], state: .open),
                .ping: Outcome(told: [.ping([7])], state: .open),
                .violation: Outcome(told: [broken], state: .closeReceived),
                .peerCloses: Outcome(told: [.close(4000, "")], state: .closeReceived),
                .hubCloses: Outcome(written: close, state: .closeSent),
                .hubAnswers: Outcome(state: .open),
                .hubSends: Outcome(written: message, state: .open),
            ],
            .closeSent: [
                .text: Outcome(state: .closeSent),
                .ping: Outcome(state: .closeSent),
                .violation: Outcome(told: [broken], state: .closed),
                .peerCloses: Outcome(told: [.close(4000, "")], state: .closed),
                .hubCloses: Outcome(state: .closeSent),
                .hubAnswers: Outcome(state: .closeSent),
                .hubSends: Outcome(state: .closeSent),
            ],
            .closeReceived: [
                .text: Outcome(state: .closeReceived),
                .ping: Outcome(state: .closeReceived),
                .violation: Outcome(state: .closeReceived),
                .peerCloses: Outcome(state: .closeReceived),
                .hubCloses: Outcome(written: close, state: .closed),
                .hubAnswers: Outcome(written: answer, state: .closed),
                .hubSends: Outcome(written: message, state: .closeReceived),
            ],
            .closed: [
                .text: Outcome(state: .closed),
                .ping: Outcome(state: .closed),
                .violation: Outcome(state: .closed),
                .peerCloses: Outcome(state: .closed),
                .hubCloses: Outcome(state: .closed),
                .hubAnswers: Outcome(state: .closed),
                .hubSends: Outcome(state: .closed),
            ],
        ]
        for (state, row) in expected {
            for step in Step.allCases {
                let codecs = DeflateCodecs()
                var session = WebSocketSession(deflate: nil)
                reach(state, &session, codecs)
                let outcome = take(step, &session, codecs)
                #expect(outcome == row[step], "\(step) in \(state)")
            }
        }
    }

    @Test("a close without a code is answered without one, 1010 with 1010")
    func answers() {
        for (frame, answer) in [
            (ClientFrame.data(.close, []), hex("88 00")), (ClientFrame.close(1010), hex("88 02 03 F2")),
        ] {
            let codecs = DeflateCodecs()
            var session = WebSocketSession(deflate: nil)
            DripFeed.lend(frame) { memory in
                session.receive(memory)
                #expect(session.next(codecs) != nil)
            }
            var written: [UInt8] = []
            session.answerClose(into: &written)
            #expect(written == answer)
        }
    }

    @Test("memory of a message under way is given back when the input ends")
    func releases() {
        let codecs = DeflateCodecs()
        var session = WebSocketSession(deflate: nil)
        DripFeed.lend(ClientFrame.text("half", fin: false) + ClientFrame.close(1000)) { memory in
            session.receive(memory)
            while session.next(codecs) != nil {}
        }
        #expect(session.partial == nil)
    }

    @Test("text after the hub's close frame is still held to the rules")
    func closingPeerIsChecked() {
        let codecs = DeflateCodecs()
        var session = WebSocketSession(deflate: nil)
        var written: [UInt8] = []
        session.close(.normal, reason: "bye", into: &written)
        #expect(written == hex("88 05 03 E8 62 79 65"))
        var told: [Received] = []
        for piece in [
            ClientFrame.text("long", fin: false), ClientFrame.data(.continuation, [0x61]),
            ClientFrame.data(.text, [0xFF]),
        ] {
            DripFeed.lend(piece) { memory in
                session.receive(memory)
                while let event = session.next(codecs) { told.append(Received(event)) }
            }
        }
        #expect(told == [.violation(1007, rfc: "RFC 6455 §8.1")])
        #expect(session.state == .closed)
    }

    @Test("messages passed over after the hub's close frame are not added to the next one's limit")
    func passedOverMessages() {
        let codecs = DeflateCodecs()
        var session = WebSocketSession(limits: WebSocketLimits(maxMessageBytes: 10), deflate: nil)
        var written: [UInt8] = []
        session.close(.normal, into: &written)
        let message = ClientFrame.text("12345", fin: false) + ClientFrame.data(.continuation, [0x61])
        var told: [Received] = []
        DripFeed.lend(message + message + message + ClientFrame.close(1000)) { memory in
            session.receive(memory)
            while let event = session.next(codecs) { told.append(Received(event)) }
        }
        #expect(told == [.close(1000, "")])
    }
}
