import HubProtocol
import Reactor

extension Shard {
    /// Opens a stream for a request over HTTP, or takes an open one up again: the same rules as the command
    /// `stream.open`. Where no request about it comes for `HubConfiguration.streamGrace` it is interrupted. `reply` is
    /// called on this loop, once.
    public func openStream(
        _ principal: Principal,
        _ posted: PostedStream,
        reply: @escaping (Result<StreamReceipt, ErrorReply>) -> Void
    ) {
        guard Permissions.allows(principal, .stream, in: posted.room) else {
            reply(.failure(.noRight))
            return
        }
        let opening = StreamRequest.Opening(
            title: posted.title,
            meta: posted.meta,
            attempt: posted.attempt,
            ownerEpoch: posted.ownerEpoch
        )
        let target = call { outcome in
            switch outcome {
            case .streamOpened(let receipt): reply(.success(receipt))
            case .refused(let error): reply(.failure(error))
            default: break
            }
        }
        let room = RoomKey(tenant: principal.tenant, name: posted.room)
        ask(room, .stream(request(posted.stream, principal, .open(opening), target)))
    }

    /// Adds tokens to a stream that was opened over HTTP: the same rules as the command `stream.append`. `reply` is
    /// called on this loop, once.
    public func appendStream(
        _ principal: Principal,
        stream: String,
        _ posted: PostedTokens,
        reply: @escaping (Result<AppendReceipt, ErrorReply>) -> Void
    ) {
        switch find(stream: stream, for: principal, .stream) {
        case .failure(let error): reply(.failure(error))
        case .success(let room):
            let target = call { outcome in
                switch outcome {
                case .streamAppended(let receipt): reply(.success(receipt))
                case .refused(let error): reply(.failure(error))
                default: break
                }
            }
            let appending = StreamRequest.Appending(
                attempt: posted.attempt,
                from: posted.from,
                tokens: posted.tokens
            )
            ask(room, .stream(request(stream, principal, .append(appending), target)))
        }
    }

    /// Ends a stream that was opened over HTTP: the same rules as the command `stream.close`. `reply` is called on
    /// this loop, once, when the end is durable.
    public func closeStream(
        _ principal: Principal,
        stream: String,
        _ ending: StreamEnding,
        reply: @escaping (Result<SendReceipt, ErrorReply>) -> Void
    ) {
        switch find(stream: stream, for: principal, .stream) {
        case .failure(let error): reply(.failure(error))
        case .success(let room):
            let target = call { outcome in
                switch outcome {
                case .sent(let receipt): reply(.success(receipt))
                case .refused(let error): reply(.failure(error))
                default: break
                }
            }
            ask(room, .stream(request(stream, principal, .close(ending), target)))
        }
    }

    private func request(
        _ stream: String,
        _ principal: Principal,
        _ action: StreamRequest.Action,
        _ reply: ReplyTarget
    ) -> StreamRequest {
        StreamRequest(stream: stream, by: principal, connection: nil, action: action, reply: reply)
    }
}
