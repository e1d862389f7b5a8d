/// Why a WebSocket connection ends, as the two bytes a close frame carries (RFC 6455 §7.4).
///
/// Any 16-bit value can be made, because that is what a peer can send; `isValidOnWire` tells which of them a peer
/// may send and `isSendable` which the hub may.
public struct CloseCode: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// The code with this number, valid or not.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 1000: done.
    public static let normal = CloseCode(rawValue: 1000)
    /// 1001: the endpoint goes away.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// 1002: the peer broke RFC 6455.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// 1003: a kind of data that is not served.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// 1005: stands for a close frame without a code; never on the wire.
    public static let noStatus = CloseCode(rawValue: 1005)
    /// 1006: stands for a connection cut without a close frame; never on the wire.
    public static let abnormal = CloseCode(rawValue: 1006)
    /// 1007: data that does not fit the message's type, such as text that is not UTF-8.
    public static let invalidPayload = CloseCode(rawValue: 1007)
    /// 1008: against the hub's policy.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// 1009: larger than a limit.
    public static let tooBig = CloseCode(rawValue: 1009)
    /// 1010: a client misses an extension; only clients send it.
    public static let missingExtension = CloseCode(rawValue: 1010)
    /// 1011: a fault inside the hub.
    public static let internalError = CloseCode(rawValue: 1011)
    /// 1012: the hub restarts; come back in the slot given.
    public static let serviceRestart = CloseCode(rawValue: 1012)
    /// 1013: overloaded; come back later.
    public static let tryAgainLater = CloseCode(rawValue: 1013)
    /// 1014: a gateway got a bad answer.
    public static let badGateway = CloseCode(rawValue: 1014)
    /// 1015: stands for a failed TLS handshake; never on the wire.
    public static let tlsFailure = CloseCode(rawValue: 1015)

    /// 4400: more malformed commands than are tolerated.
    public static let malformedCommands = CloseCode(rawValue: 4400)
    /// 4401: not authenticated, or the token ran out.
    public static let unauthenticated = CloseCode(rawValue: 4401)
    /// 4403: not allowed, or revoked.
    public static let forbidden = CloseCode(rawValue: 4403)
    /// 4408: too slow or silent; recover by coming back.
    public static let tooSlow = CloseCode(rawValue: 4408)
    /// 4409: a newer connection of the same session took this one's place.
    public static let replaced = CloseCode(rawValue: 4409)
    /// 4429: a rate limit was broken again and again.
    public static let rateLimited = CloseCode(rawValue: 4429)

    /// Whether a close frame may carry it: assigned by RFC 6455 or IANA and not reserved for local use, or from the
    /// registered and private ranges 3000…4999.
    public var isValidOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// Whether a server may put it into a close frame of its own.
    public var isSendable: Bool {
        isValidOnWire && self != .missingExtension
    }
}
