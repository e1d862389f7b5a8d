import Foundation
import HubProtocol

/// What an error response means, as all dialects but for their wording agree.
enum ProviderErrors {
    /// `codes` are the words of the body (type, code) that refine the status.
    static func failure(_ head: UpstreamHead, codes: [String]) -> ProviderFailure {
        let words = Set(codes.map { $0.lowercased() })
        return ProviderFailure(
            kind(status: head.status, words),
            status: head.status,
            code: codes.first,
            retryAfter: retryAfter(head),
            shouldRetry: head["x-should-retry"].flatMap { $0 == "true" ? true : $0 == "false" ? false : nil }
        )
    }

    /// The kind of a failure that was told by words alone, in the middle of a stream.
    static func kind(words: [String], status: Int? = nil) -> ProviderFailure.Kind {
        let words = words.map { $0.lowercased() }
        if let named = words.compactMap({ byWord[$0] }).first { return named }
        guard let status, status >= 400 else { return .server }
        return kind(status: status, Set(words))
    }

    private static func kind(status: Int, _ words: Set<String>) -> ProviderFailure.Kind {
        if let final = words.compactMap({ byWord[$0] }).first(where: { $0 == .quota || $0 == .filtered }) {
            return final
        }
        switch status {
        case 401, 403: return .unauthorized
        case 402: return .quota
        case 408, 504: return .timeout
        case 409, 425: return .server
        case 429, 498: return .rateLimited
        case 503, 529: return .overloaded
        case 500...: return .server
        case 300..<400: return .address
        default: return .request
        }
    }

    private static let byWord: [String: ProviderFailure.Kind] = [
        "insufficient_quota": .quota, "billing_hard_limit_reached": .quota, "billing_error": .quota,
        "payment_required": .quota, "credit_exhausted": .quota,
        "content_filter": .filtered, "content_policy_violation": .filtered, "moderation": .filtered,
        "rate_limit_exceeded": .rateLimited, "rate_limit_error": .rateLimited, "requests": .rateLimited,
        "overloaded_error": .overloaded, "provider_overloaded": .overloaded, "provider_unavailable": .overloaded,
        "unavailable_error": .overloaded, "server_is_overloaded": .overloaded, "engine_overloaded": .overloaded,
        "timeout_error": .timeout, "invalid_request_error": .request, "not_found_error": .request,
        "context_length_exceeded": .request, "max_tokens_exceeded": .request, "request_too_large": .request,
        "authentication_error": .unauthorized, "authentication": .unauthorized, "permission_error": .unauthorized,
        "permission_denied": .unauthorized, "invalid_api_key": .unauthorized,
    ]

    /// `retry-after-ms`, else `retry-after` in seconds or as a date (RFC 9110 §10.2.3).
    static func retryAfter(_ head: UpstreamHead, now: Date = Date()) -> Duration? {
        if let text = head["retry-after-ms"], let value = Double(text), value >= 0, value < 1e9 {
            return .milliseconds(Int(value))
        }
        guard let text = head["retry-after"] else { return nil }
        if let seconds = Double(text) {
            return seconds >= 0 && seconds < 1e6 ? .milliseconds(Int(seconds * 1000)) : nil
        }
        guard let date = httpDate(text) else { return nil }
        return .milliseconds(max(0, Int(date.timeIntervalSince(now) * 1000)))
    }

    private static func httpDate(_ text: String) -> Date? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return format.date(from: text)
    }

    /// The words of `{"error": {"type", "code"}}` or `{"error": "text"}`; none where the body is something else.
    static func words(_ body: [UInt8], code: [String] = ["code", "type"]) -> [String] {
        body.withUnsafeBytes { bytes in
            guard let object = try? JSONObject(ByteView(bytes)) else { return [] }
            guard let error = object.object("error") else { return object.string("error").map { _ in ["error"] } ?? [] }
            return words(error, code)
        }
    }

    static func words(_ error: JSONObject, _ names: [String] = ["code", "type"]) -> [String] {
        names.compactMap { name in error.string(name) ?? error.integer(name).map { String($0) } }
    }
}
