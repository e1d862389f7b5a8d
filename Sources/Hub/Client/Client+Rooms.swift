import HubProtocol
import Reactor

extension Client {
    func subscription(to room: RoomName) -> Subscription? {
        subscriptions.first { $0.room == room }
    }

    /// Why this person may not do that in that room; nil where they may.
    func refusal(_ action: RoomAction, in room: RoomName) -> ErrorReply? {
        guard let principal, Permissions.allows(principal, action, in: room) else {
            return .noRight
        }
        return nil
    }

    /// Why one more room is too many; nil where it is not.
    func subscriptionRefusal(_ room: RoomName) -> ErrorReply? {
        let most = shard.configuration.roomsPerConnection
        guard subscriptions.count >= most, subscription(to: room) == nil else { return nil }
        return ErrorReply(.tooLarge, "a connection may be in \(most) rooms", field: "room")
    }

    /// Asks a room's home to be let in.
    func join(_ wish: HelloProgress.Wish, id: Int64?, bytes: Int) {
        guard let principal else { return }
        let home = shard.hub.home(of: wish.room, in: principal.tenant)
        if let known = subscription(to: wish.room) {
            known.options = wish.options
            if known.state == .leaving { known.state = .joining }
        } else {
            let options = wish.options
            subscriptions.append(Subscription(client: self, room: wish.room, home: home, options: options))
        }
        let request = JoinRequest(
            connection: connection.id,
            principal: principal,
            id: id,
            options: wish.options,
            since: wish.since,
            epoch: wish.epoch,
            limit: wish.limit,
            bytes: bytes
        )
        shard.ask(RoomKey(tenant: principal.tenant, name: wish.room), home: home, .join(request))
    }

    /// The home has answered a join.
    func joined(_ answer: JoinAnswer) {
        let subscription = subscription(to: answer.room)
        var outcome = answer.outcome
        if subscription == nil {
            // The right went while the home was being asked, and the connection out of the room with it: also where
            // it has come back since.
            outcome = .failure(.noRight)
        }
        if case .success(let success) = outcome, let subscription, subscription.state != .leaving {
            enter(subscription, success)
        } else if case .failure = outcome, let subscription {
            drop(subscription)
        }
        guard let id = answer.id else {
            helloRoomAnswered(answer.room, outcome)
            return
        }
        switch outcome {
        case .success(let success):
            var line: [UInt8] = []
            Reply.sub(id: id, success.answer, into: &line)
            send(line)
        case .failure(let error): refuse(id, error)
        }
        answered(id)
        fetchMissing()
    }

    private func enter(_ subscription: Subscription, _ success: JoinAnswer.Success) {
        let audience = shard.audience(of: success.identity, head: success.answer.head)
        subscription.state = .live
        subscription.catchUpAfter = success.catchUpAfter
        if phase == .authenticating, success.catchUpAfter == nil {
            subscription.catchUpAfter = success.answer.head
        }
        audience.reached(success.streams)
        if let cursors = success.textUpto {
            subscription.fallBehind(at: cursors)
        } else {
            subscription.caughtUpWithStreams()
        }
        let lacksEvents = subscription.catchUpAfter != nil
        if subscription.place == nil {
            audience.add(subscription, catchingUp: lacksEvents)
        } else {
            audience.update(subscription, catchingUp: lacksEvents)
        }
    }

    /// Asks for what the answers could not hold, a piece at a time and as far as the queue has room; the rest
    /// when that has drained.
    func fetchMissing() {
        guard phase == .ready, let principal, !isFetching else { return }
        for subscription in subscriptions {
            guard subscription.state == .live else { continue }
            guard let after = subscription.catchUpAfter else {
                if fetchText(of: subscription) { return }
                continue
            }
            if let audience = subscription.place?.audience, audience.head == after {
                subscription.catchUpAfter = nil
                audience.update(subscription, catchingUp: false)
                if fetchText(of: subscription) { return }
                continue
            }
            guard connection.queuedBytes <= shard.configuration.softQueueBytes else { return }
            isFetching = true
            let key = RoomKey(tenant: principal.tenant, name: subscription.room)
            shard.ask(key, home: subscription.home, .catchUp(connection.id, after: after))
            return
        }
    }

    /// A piece of what was missing has come.
    func caughtUp(_ room: RoomName, _ page: CatchUpPage) {
        guard phase != .closing else { return }
        isFetching = false
        guard !page.failed else {
            close(.internalError, "the room cannot be read from disk at the moment")
            return
        }
        // Where a second sub has answered anew meanwhile, or unsub, the piece belongs to the past.
        if let subscription = subscription(to: room), subscription.state == .live,
            subscription.catchUpAfter == page.after
        {
            for event in page.events { send(event.line) }
            subscription.catchUpAfter = page.upto
            if page.complete { subscription.place?.audience.reached(page.upto) }
        }
        fetchMissing()
    }

    // MARK: Leaving

    func unsubscribe(_ id: Int64, _ room: RoomName) {
        // A second one goes to the home as well: what is pushed may not follow its answer either.
        guard let subscription = subscription(to: room), let principal else {
            succeed(id)
            return
        }
        subscription.state = .leaving
        pendingReplies += 1
        let leave = LeaveRequest(connection: connection.id, id: id)
        shard.ask(RoomKey(tenant: principal.tenant, name: room), home: subscription.home, .leave(leave))
    }

    /// The home has let the connection go.
    func left(_ room: RoomName, id: Int64) {
        pendingReplies -= 1
        if let subscription = subscription(to: room), subscription.state == .leaving {
            drop(subscription)
        } else if let subscription = subscription(to: room), let place = subscription.place {
            // It has asked to come back in; that answer will place it anew.
            place.audience.remove(subscription)
            shard.released(place.audience)
        }
        succeed(id)
    }

    /// Takes a subscription off this loop, without a word to the home.
    func drop(_ subscription: Subscription) {
        if let place = subscription.place {
            place.audience.remove(subscription)
            shard.released(place.audience)
        }
        subscriptions.removeAll { $0 === subscription }
        if isLagging { rare?.conflation.forget(subscription.room) }
    }

    /// Leaves every room, because the connection ends.
    func leaveAll() {
        guard let principal else { return }
        leaveStreams()
        for subscription in subscriptions {
            drop(subscription)
            let leave = LeaveRequest(connection: connection.id, id: nil)
            shard.ask(
                RoomKey(tenant: principal.tenant, name: subscription.room),
                home: subscription.home,
                .leave(leave)
            )
        }
    }

    /// A right was lost: out of the room, with a word why.
    func expel(from subscription: Subscription, principal: Principal) {
        drop(subscription)
        let leave = LeaveRequest(connection: connection.id, id: nil)
        shard.ask(RoomKey(tenant: principal.tenant, name: subscription.room), home: subscription.home, .leave(leave))
        var line: [UInt8] = []
        Push.gone(room: subscription.room.text, code: .forbidden, into: &line)
        send(line)
    }
}
