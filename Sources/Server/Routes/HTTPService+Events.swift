import HubCore
import HubProtocol

/// `/api/v1/rooms/{room}/events`: what `send` and `history` are over a socket.
extension HTTPService {
    func publish(_ request: HTTPRequest, room: String, reply: @escaping (HTTPReply) -> Void) {
        authenticated(request, reply) { [self] principal in
            do throws(ErrorReply) {
                let name = try roomName(room)
                let event = try postedEvent(request.body)
                shard.publish(
                    principal,
                    room: name,
                    kind: event.kind,
                    data: event.data,
                    key: try PublishOptions.key(event, header: request.head.headers[first: "Idempotency-Key"]),
                    ack: try PublishOptions.acknowledgement(event, query: request.head.query),
                    address: request.address
                ) { reply(HTTPService.published($0)) }
            } catch {
                reply(Problem(error).reply)
            }
        }
    }

    func history(_ request: HTTPRequest, room: String, reply: @escaping (HTTPReply) -> Void) {
        authenticated(request, reply) { [self] principal in
            do throws(ErrorReply) {
                let page = try PageRequest(query: request.head.query)
                shard.history(
                    principal,
                    room: try roomName(room),
                    before: page.before,
                    after: page.after,
                    limit: page.limit,
                    address: request.address
                ) { reply(HTTPService.page($0)) }
            } catch {
                reply(Problem(error).reply)
            }
        }
    }

    /// Has the request's token verified. An address gets so many that are refused, and no more are looked at: each
    /// takes a token of its bucket, and a good one gives it back.
    func authenticated(
        _ request: HTTPRequest,
        _ reply: @escaping (HTTPReply) -> Void,
        _ body: @escaping (Principal) -> Void
    ) {
        let kind = RouteLimits.credentials
        if let address = request.address, let wait = shard.wait(of: address, route: kind.rawValue, kind.rate) {
            return reply(limited(kind, retryAfter: wait))
        }
        guard let token = request.bearer else {
            return reply(
                Problem(ErrorReply(.unauthorized, "the request needs Authorization: Bearer with a token")).reply
            )
        }
        shard.authenticate(token) { [self] result in
            switch result {
            case .success(let principal):
                if let address = request.address { shard.giveBack(to: address, route: kind.rawValue, kind.rate) }
                body(principal)
            case .failure(let failure): reply(Problem(ErrorReply(.unauthorized, failure.sentence)).reply)
            }
        }
    }

    private func postedEvent(_ body: [UInt8]) throws(ErrorReply) -> PostedEvent {
        var limits = CommandLimits()
        limits.dataBytes = site.dataBytes
        let read: Result<PostedEvent, ErrorReply> = body.withUnsafeBytes { bytes in
            do throws(ErrorReply) {
                return .success(try PostedEvent(body: ByteView(bytes), limits: limits))
            } catch {
                return .failure(error)
            }
        }
        return try read.get()
    }

    private func roomName(_ text: String) throws(ErrorReply) -> RoomName {
        do throws(CommandFault) {
            return try RoomName(validating: text)
        } catch {
            throw error.error
        }
    }

    private static func published(_ result: Result<SendReceipt, ErrorReply>) -> HTTPReply {
        switch result {
        case .failure(let error): return Problem(error).reply
        case .success(let receipt):
            var body = [UInt8]("{\"offset\":\(receipt.offset),\"epoch\":".utf8)
            JSONText.appendString(receipt.epoch, into: &body)
            body.append(contentsOf: ",\"at\":\(receipt.at)".utf8)
            if receipt.duplicate { body.append(contentsOf: #","duplicate":true"#.utf8) }
            body.append(UInt8(ascii: "}"))
            return .json(body, status: receipt.duplicate ? 200 : 201)
        }
    }

    private static func page(_ result: Result<HistoryPage, ErrorReply>) -> HTTPReply {
        switch result {
        case .failure(let error): return Problem(error).reply
        case .success(let page):
            var body = [UInt8](#"{"events":["#.utf8)
            for (index, event) in page.events.enumerated() {
                if index > 0 { body.append(UInt8(ascii: ",")) }
                body.append(contentsOf: event)
            }
            body.append(contentsOf: "],\"more\":\(page.more),\"epoch\":".utf8)
            JSONText.appendString(page.epoch, into: &body)
            body.append(UInt8(ascii: "}"))
            return .json(body)
        }
    }
}
