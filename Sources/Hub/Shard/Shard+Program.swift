import HubProtocol
import Reactor

extension Shard {
    // MARK: Connections

    /// Takes over a connection whose opening handshake has been accepted and answered: it becomes a client.
    /// `remainder` is what came behind the request's head.
    public func adopt(_ connection: Connection, acceptance: HandshakeAcceptance, remainder: [UInt8]) {
        let client = Client(shard: self, connection: connection, acceptance: acceptance)
        clients[connection.id] = client
        connection.handler = client
        if isDraining {
            client.close(.serviceRestart, "the hub is restarting")
            return
        }
        guard !remainder.isEmpty else { return }
        var bytes = remainder
        bytes.withUnsafeMutableBytes { client.received($0, on: connection) }
    }

    /// The connection is gone.
    func forget(_ client: Client) {
        clients[client.connection.id] = nil
        lagging[client.connection.id] = nil
        if client.hasClaimed { tellBoard(.gone(client.connection.id)) }
        whenForgotten?(client.connection.id)
    }

    /// Closes the connection whose session another one has taken over, wherever it is.
    func replace(_ connection: ConnectionID) {
        if connection.loop == loop.index {
            receive([.replaced(connection)])
        } else {
            outboxes[connection.loop].append(.replaced(connection))
        }
    }

    // MARK: Credentials

    /// Has a token verified for a client; the answer comes through the inbox.
    func verify(_ token: String, for connection: ConnectionID) {
        // An unstructured task, because verification is asynchronous and happens once a connection: nothing
        // here may wait for it.
        Task { [authenticator = hub.authenticator, inbox] in
            inbox.post(.authenticated(connection, await authenticator.outcome(of: token)))
        }
    }

    /// Verifies a token for the program itself; `reply` is called on this loop.
    public func authenticate(_ token: String, reply: @escaping (Result<Principal, AuthenticationFailure>) -> Void) {
        let call = nextTicket()
        authenticationCalls[call] = reply
        // As above: once a request.
        Task { [authenticator = hub.authenticator, inbox] in
            inbox.post(.callAuthenticated(call: call, await authenticator.outcome(of: token)))
        }
    }

    // MARK: Calls

    /// Keeps an event for a request over HTTP: the same rules as the command `send`. `address` is that
    /// by which the peer is counted. `reply` is called on this loop, once.
    public func publish(
        _ principal: Principal,
        room: RoomName,
        kind: String,
        data: [UInt8],
        key: String?,
        ack: Acknowledgement,
        address: String? = nil,
        reply: @escaping (Result<SendReceipt, ErrorReply>) -> Void
    ) {
        guard Permissions.allows(principal, .send, in: room) else {
            reply(.failure(.noRight))
            return
        }
        if let refusal = rateRefusal(of: principal, .sends, address: address) {
            reply(.failure(refusal))
            return
        }
        let target = call { outcome in
            switch outcome {
            case .sent(let receipt): reply(.success(receipt))
            case .refused(let error): reply(.failure(error))
            default: break
            }
        }
        let request = SendRequest(
            by: principal.user,
            kind: kind,
            data: data,
            key: key,
            acknowledgement: ack,
            reply: target
        )
        ask(RoomKey(tenant: principal.tenant, name: room), .send(request))
    }

    /// Reads a page of a room's past for a request over HTTP: the same rules as the command `history`; at most one
    /// of `before` and `after`. `reply` is called on this loop, once.
    public func history(
        _ principal: Principal,
        room: RoomName,
        before: Int64?,
        after: Int64?,
        limit: Int,
        address: String? = nil,
        reply: @escaping (Result<HistoryPage, ErrorReply>) -> Void
    ) {
        guard Permissions.allows(principal, .read, in: room) else {
            reply(.failure(.noRight))
            return
        }
        if let refusal = rateRefusal(of: principal, .reads, address: address) {
            reply(.failure(refusal))
            return
        }
        let target = call { outcome in
            switch outcome {
            case .page(let page): reply(.success(page))
            case .refused(let error): reply(.failure(error))
            default: break
            }
        }
        let anchor: HistoryRequest.Anchor =
            if let before { .before(before) } else if let after { .after(after) } else { .newest }
        let request = HistoryRequest(anchor: anchor, limit: limit, reply: target)
        ask(RoomKey(tenant: principal.tenant, name: room), .history(request))
    }

    /// Does a `job.*` command for a request over HTTP. `reply` is called on this loop, once, with the answer's object.
    public func job(
        _ principal: Principal,
        _ command: JobCommand,
        address: String? = nil,
        reply: @escaping (Result<[UInt8], ErrorReply>) -> Void
    ) {
        if let budget = command.budget, let refusal = rateRefusal(of: principal, budget, address: address) {
            return reply(.failure(refusal))
        }
        let target = call { outcome in
            switch outcome {
            case .job(let object): reply(.success(object))
            case .refused(let error): reply(.failure(error))
            default: break
            }
        }
        tellBoard(.request(JobRequest(principal: principal, command: command, reply: target)))
    }

    func call(_ finish: @escaping (CallOutcome) -> Void) -> ReplyTarget {
        let id = nextTicket()
        calls[id] = finish
        return .call(loop: loop.index, id: id)
    }

    // MARK: Drain

    /// Tells every client to come back, each in its slot, and closes those that wait for nothing.
    func drain(_ plan: DrainPlan) {
        isDraining = true
        jobs?.drain()
        let interval = 1000.0 * Double(plan.loops) / Double(max(1, plan.acceptRate))
        for (index, client) in clients.values.enumerated() {
            var line: [UInt8] = []
            let slot = Int64(Double(index) * interval) + Int64.random(in: 0...100, using: &random)
            Push.drain(reconnectAfter: slot, deadline: Int64(plan.deadline), into: &line)
            client.send(line)
        }
        scheduleDrainCheck()
    }

    private func scheduleDrainCheck() {
        _ = loop.schedule(after: .milliseconds(50), self, tag: SweepTag.drain)
    }

    /// Closes whoever has got all its answers; looks again for the others.
    func closeAnswered() {
        for client in Array(clients.values) where client.hasItsAnswers {
            client.close(.serviceRestart, "the hub is restarting")
        }
        if !clients.isEmpty { scheduleDrainCheck() }
    }

    func closeAll() {
        finishStreams()
        for client in Array(clients.values) { client.close(.serviceRestart, "the hub is restarting") }
    }
}

extension Authenticator {
    fileprivate func outcome(of token: String) async -> Result<Principal, AuthenticationFailure> {
        do throws(AuthenticationFailure) {
            return .success(try await authenticate(token: token))
        } catch {
            return .failure(error)
        }
    }
}

extension ErrorReply {
    /// The person may not do that here.
    static var noRight: ErrorReply {
        ErrorReply(.forbidden, "you have no right to that in this room", field: "room")
    }
}
