import HubCore
import HubProtocol

/// `/api/v1/streams`: what `stream.open`, `append` and `close` are over a socket.
extension HTTPService {
    func openStream(_ request: HTTPRequest, reply: @escaping (HTTPReply) -> Void) {
        authenticated(request, reply) { [self] principal in
            let limits = streamLimits
            answer(reply) { () throws(ErrorReply) in
                let posted = try read(request.body) { (body: ByteView) throws(ErrorReply) in
                    try PostedStream(body: body, limits: limits)
                }
                shard.openStream(principal, posted) { result in
                    HTTPService.answer(reply, result) { receipt, body in
                        Reply.appendStreamOpen(
                            offset: receipt.offset,
                            next: receipt.next,
                            attempt: receipt.attempt,
                            into: &body
                        )
                    }
                }
            }
        }
    }

    func appendStream(_ request: HTTPRequest, stream: String, reply: @escaping (HTTPReply) -> Void) {
        authenticated(request, reply) { [self] principal in
            let limits = streamLimits
            answer(reply) { () throws(ErrorReply) in
                try StreamID.check(stream)
                let posted = try read(request.body) { (body: ByteView) throws(ErrorReply) in
                    try PostedTokens(body: body, limits: limits)
                }
                shard.appendStream(principal, stream: stream, posted) { result in
                    HTTPService.answer(reply, result) { receipt, body in
                        Reply.appendStreamAppend(next: receipt.next, durable: receipt.durable, into: &body)
                    }
                }
            }
        }
    }

    func closeStream(_ request: HTTPRequest, stream: String, reply: @escaping (HTTPReply) -> Void) {
        authenticated(request, reply) { [self] principal in
            let limits = streamLimits
            answer(reply) { () throws(ErrorReply) in
                try StreamID.check(stream)
                let posted = try read(request.body) { (body: ByteView) throws(ErrorReply) in
                    try PostedEnding(body: body, limits: limits)
                }
                shard.closeStream(principal, stream: stream, posted.ending) { result in
                    HTTPService.answer(reply, result) { receipt, body in
                        Reply.appendStreamClose(offset: receipt.offset, into: &body)
                    }
                }
            }
        }
    }

    private var streamLimits: CommandLimits {
        var limits = CommandLimits()
        limits.dataBytes = site.dataBytes
        return limits
    }

    private func answer(_ reply: (HTTPReply) -> Void, _ body: () throws(ErrorReply) -> Void) {
        do throws(ErrorReply) {
            try body()
        } catch {
            reply(Problem(error).reply)
        }
    }

    private static func answer<Receipt>(
        _ reply: (HTTPReply) -> Void,
        _ result: Result<Receipt, ErrorReply>,
        _ append: (Receipt, inout [UInt8]) -> Void
    ) {
        switch result {
        case .failure(let error): reply(Problem(error).reply)
        case .success(let receipt):
            var body: [UInt8] = []
            append(receipt, &body)
            reply(.json(body))
        }
    }

    private func read<Posted>(
        _ body: [UInt8],
        _ make: (ByteView) throws(ErrorReply) -> Posted
    ) throws(ErrorReply) -> Posted {
        let read: Result<Posted, ErrorReply> = body.withUnsafeBytes { bytes in
            do throws(ErrorReply) {
                return .success(try make(ByteView(bytes)))
            } catch {
                return .failure(error)
            }
        }
        return try read.get()
    }
}
