import HubProtocol
import Testing

@Suite("Close codes: RFC 6455 §7.4")
struct CloseCodeTests {
    @Test("of all 65 536 codes exactly the assigned, registered and private ones are valid on the wire")
    func valid() {
        let assigned: Set<UInt16> = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
        for value in UInt16.min...UInt16.max {
            let expected = assigned.contains(value) || (3000...4999).contains(value)
            if CloseCode(rawValue: value).isValidOnWire != expected { Issue.record("\(value)") }
        }
    }

    @Test("a server sends all of them but 1010")
    func sendable() {
        #expect(!CloseCode.missingExtension.isSendable)
        #expect(CloseCode.serviceRestart.isSendable)
        #expect(!CloseCode.noStatus.isSendable)
        #expect(!CloseCode.abnormal.isSendable)
        #expect(!CloseCode.tlsFailure.isSendable)
    }

    @Test("the hub's own codes are those of the contract")
    func own() {
        let codes: [CloseCode] = [.malformedCommands, .unauthenticated, .forbidden, .tooSlow, .replaced, .rateLimited]
        #expect(codes.map(\.rawValue) == [4400, 4401, 4403, 4408, 4409, 4429])
        let standard: [CloseCode] = [
            .normal, .goingAway, .protocolError, .unsupportedData, .invalidPayload, .policyViolation, .tooBig,
            .internalError, .tryAgainLater, .badGateway,
        ]
        #expect(standard.map(\.rawValue) == [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1013, 1014])
    }
}
