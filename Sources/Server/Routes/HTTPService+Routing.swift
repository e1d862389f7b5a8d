import HubCore
import HubProtocol
import Reactor

extension HTTPService {
    /// Answers a request at its end point, now or later, exactly once and on this loop.
    func respond(to request: HTTPRequest, at endpoint: Router.Endpoint, reply: @escaping (HTTPReply) -> Void) {
        if let refusal = routeRefusal(of: request, at: endpoint) { return reply(refusal) }
        switch endpoint {
        case .file(let name): reply(file(name, request.head))
        case .publish(let room): publish(request, room: room, reply: reply)
        case .history(let room): history(request, room: room, reply: reply)
        case .revoke: revoke(request, reply: reply)
        case .openStream: openStream(request, reply: reply)
        case .appendStream(let stream): appendStream(request, stream: stream, reply: reply)
        case .closeStream(let stream): closeStream(request, stream: stream, reply: reply)
        case .job(let name, let id): job(name, id, request, reply: reply)
        case .preflight: reply(site.crossOrigin.preflight(request.head))
        case .health: reply(.json([UInt8](#"{"status":"ok"}"#.utf8)))
        case .readiness: reply(readiness())
        case .version: reply(version())
        case .metrics: metrics(reply)
        case .providers: providers(request, reply: reply)
        case .demoPeople, .demoLogin: demo(request, endpoint, reply: reply)
        case .webSocket, .echo:
            reply(Problem(status: 400, code: "bad_request", detail: "this path opens a WebSocket").reply)
        }
    }

    /// The answer to an address that asks too often; requests with a token are looked at when that is known.
    private func routeRefusal(of request: HTTPRequest, at endpoint: Router.Endpoint) -> HTTPReply? {
        guard let address = request.address, let kind = RouteLimits(endpoint), kind != .credentials,
            let wait = shard.wait(of: address, route: kind.rawValue, kind.rate)
        else { return nil }
        return limited(kind, retryAfter: wait)
    }

    /// `rate_limited` for an address.
    func limited(_ kind: RouteLimits, retryAfter wait: Int) -> HTTPReply {
        counters.limited[kind, default: 0] += 1
        let sentence = "at most \(kind.rate.perSecond) such requests a second of one address"
        return Problem(ErrorReply(.rateLimited, sentence, retryAfter: wait)).reply
    }

    private func readiness() -> HTTPReply {
        if isDraining { return notReady("the hub is restarting") }
        return switch site.store.condition {
        case .ready where site.store.faultyRooms > 0:
            notReady("there are rooms that the store cannot read or write; run apus doctor")
        case .ready: .json([UInt8](#"{"status":"ready"}"#.utf8))
        case .busy: notReady("the store is too far behind")
        case .unavailable: notReady("the store cannot write")
        }
    }

    private func notReady(_ reason: String) -> HTTPReply {
        var body = [UInt8](#"{"status":"not_ready","reason":"#.utf8)
        JSONText.appendString(reason, into: &body)
        body.append(UInt8(ascii: "}"))
        var reply = HTTPReply.json(body, status: 503)
        reply.headers.append(("Retry-After", "1"))
        return reply
    }

    private func version() -> HTTPReply {
        var body = [UInt8](#"{"name":"apus","version":"#.utf8)
        JSONText.appendString(site.version, into: &body)
        body.append(contentsOf: #","protocol":"apus.v1","reactor":"#.utf8)
        JSONText.appendString(loop.backendKind.rawValue, into: &body)
        body.append(UInt8(ascii: "}"))
        return .json(body)
    }

    private func metrics(_ reply: @escaping (HTTPReply) -> Void) {
        let metrics = site.metrics
        elsewhere(reply) {
            .of(MetricsText.contentType, [UInt8](await metrics().utf8))
        }
    }
}
