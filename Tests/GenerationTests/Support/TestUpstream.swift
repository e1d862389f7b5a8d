import Synchronization

@testable import Generation

/// An upstream thread of a test's own, with calls that gather a whole transfer.
final class TestUpstream: Sendable {
    let upstream: Upstream

    init() throws {
        upstream = try Upstream()
    }

    deinit {
        upstream.stop()
    }

    /// A transfer that is over.
    struct Response: Sendable {
        var status = 0
        var fields: [(name: String, value: String)] = []
        var body: [UInt8] = []
        var failure: UpstreamFailure?

        var text: String { String(decoding: body, as: UTF8.self) }

        mutating func take(_ event: UpstreamEvent) -> Bool {
            switch event {
            case .head(let head): (status, fields) = (head.status, head.fields)
            case .bytes(let bytes): body += bytes
            case .finished: return true
            case .failed(let failure):
                self.failure = failure
                return true
            }
            return false
        }
    }

    func fetch(_ request: UpstreamRequest) async -> Response {
        await withCheckedContinuation { continuation in
            upstream.post { loop in
                var response = Response()
                loop.start(request) { event in
                    if response.take(event) { continuation.resume(returning: response) }
                }
            }
        }
    }

    func fetch(_ method: String, _ url: String, body: String = "") async -> Response {
        await fetch(.toLoopback(method, url, body: body))
    }
}

extension UpstreamRequest {
    /// A request to the stand-in, with the key that it expects.
    static func toLoopback(_ method: String, _ url: String, body: String = "") -> UpstreamRequest {
        var request = UpstreamRequest(
            method: method,
            url: url,
            headers: [(name: "Authorization", value: "Bearer the-key")],
            body: Array(body.utf8)
        )
        request.addresses = .open
        return request
    }

    /// A question to the stand-in's Chat Completions.
    static func toChat(_ script: String) -> UpstreamRequest {
        toLoopback("POST", StandIn.shared.base("openai", script) + "/chat/completions", body: "{}")
    }
}
