/// One `permessage-deflate` element of a client's Sec-WebSocket-Extensions (RFC 7692 §7.1):
///
///     server_no_context_takeover            no value
///     client_no_context_takeover            no value
///     server_max_window_bits=8…15           value required
///     client_max_window_bits[=8…15]         value optional
///
/// Numbers are decimal without leading zeros, quoted or not. An unknown, repeated or ill-valued parameter makes the
/// element invalid; an invalid one is declined and the next element is looked at (§5, §7).
struct DeflateOffer: Hashable {
    private(set) var serverNoContextTakeover = false
    private(set) var clientNoContextTakeover = false
    private(set) var serverMaxWindowBits: Int?
    private(set) var clientMaxWindowBits: Int?
    private(set) var clientMaxWindowBitsGiven = false

    /// The offer made by `element`, or nil where it is another extension or an invalid offer.
    init?(_ element: ExtensionElement) {
        guard element.name == "permessage-deflate" else { return nil }
        var seen: Set<String> = []
        for parameter in element.parameters {
            guard seen.insert(parameter.name).inserted, take(parameter) else { return nil }
        }
    }

    private mutating func take(_ parameter: ExtensionElement.Parameter) -> Bool {
        switch (parameter.name, parameter.value) {
        case ("server_no_context_takeover", nil): serverNoContextTakeover = true
        case ("client_no_context_takeover", nil): clientNoContextTakeover = true
        case ("client_max_window_bits", nil): clientMaxWindowBitsGiven = true
        case ("client_max_window_bits", .some(let value)):
            guard let bits = Self.windowBits(value) else { return false }
            clientMaxWindowBits = bits
            clientMaxWindowBitsGiven = true
        case ("server_max_window_bits", .some(let value)):
            guard let bits = Self.windowBits(value) else { return false }
            serverMaxWindowBits = bits
        default: return false
        }
        return true
    }

    private static func windowBits(_ value: String) -> Int? {
        let allowed = ["8", "9", "10", "11", "12", "13", "14", "15"]
        return allowed.firstIndex(of: value).map { $0 + 8 }
    }

    /// What the endpoint grants, or nil where it has to decline.
    ///
    /// A server window of 8 bits is declined: zlib cannot compress raw data with it, and a larger one would break
    /// the client's promise to itself.
    func accepted(by policy: DeflatePolicy) -> DeflateParameters? {
        guard serverMaxWindowBits != 8 else { return nil }
        return DeflateParameters(
            serverNoContextTakeover: serverNoContextTakeover || !policy.serverContextTakeover,
            clientNoContextTakeover: clientNoContextTakeover || !policy.clientContextTakeover,
            serverMaxWindowBits: min(serverMaxWindowBits ?? 15, policy.serverMaxWindowBits),
            clientMaxWindowBits: clientMaxWindowBitsGiven
                ? min(clientMaxWindowBits ?? 15, policy.clientMaxWindowBits) : 15
        )
    }

    /// The answer's extension element. A window is named where it is smaller than the client would assume;
    /// the client's only where the client said it understands that (§7.1.2.2).
    func answer(_ granted: DeflateParameters) -> String {
        var text = "permessage-deflate"
        if granted.serverNoContextTakeover { text += "; server_no_context_takeover" }
        if granted.clientNoContextTakeover { text += "; client_no_context_takeover" }
        if serverMaxWindowBits != nil || granted.serverMaxWindowBits < 15 {
            text += "; server_max_window_bits=\(granted.serverMaxWindowBits)"
        }
        if clientMaxWindowBits != nil || granted.clientMaxWindowBits < 15 {
            text += "; client_max_window_bits=\(granted.clientMaxWindowBits)"
        }
        return text
    }
}
