import HubProtocol
import Reactor

/// The subscribers of one room on one loop, sorted by how their frames are encoded, so that a batch is encoded
/// once per encoding and then shared by reference.
///
/// Isolation: confined to its loop. Owns no connection; a client leaves its audiences before it goes.
final class Audience {
    let identity: RoomIdentity
    /// The last offset that subscribers here have been given.
    private(set) var head: Int64
    private(set) var lanes: [Lane] = []
    private(set) var count = 0
    /// Where subscribers who miss nothing are with each open stream that has grown.
    private(set) var streams: [UInt64: StreamCursor] = [:]
    private var presenceWatchers = 0
    private var durableWatchers = 0

    /// Subscribers that get the same bytes.
    struct Lane {
        let encoding: FrameEncoding
        var members: [Member] = []
    }

    /// One subscriber. Its subscription is held by the client, and a member is removed before that goes.
    struct Member {
        let outlet: Outlet
        let subscription: Unmanaged<Subscription>
        /// Set while the subscriber fetches what its answer could not hold: it gets no events yet.
        var isCatchingUp: Bool
        /// Set while it fetches text of streams that it was not given: it gets no growth yet.
        var isBehind: Bool
        var options: SubscriptionOptions
    }

    init(identity: RoomIdentity, head: Int64) {
        self.identity = identity
        self.head = head
    }

    // MARK: Membership

    func add(_ subscription: Subscription, catchingUp: Bool) {
        let client = subscription.client
        let lane = laneIndex(client.encoding)
        subscription.place = Subscription.Place(audience: self, lane: lane, index: lanes[lane].members.count)
        lanes[lane].members.append(
            Member(
                outlet: client.connection.outlet,
                subscription: .passUnretained(subscription),
                isCatchingUp: catchingUp,
                isBehind: subscription.behind != nil,
                options: subscription.options
            )
        )
        count += 1
        count(subscription.options, 1)
    }

    func remove(_ subscription: Subscription) {
        guard let place = subscription.place, place.audience === self else { return }
        subscription.place = nil
        let removed = lanes[place.lane].members[place.index]
        let last = lanes[place.lane].members.removeLast()
        if place.index < lanes[place.lane].members.count {
            lanes[place.lane].members[place.index] = last
            last.subscription._withUnsafeGuaranteedRef { $0.place?.index = place.index }
        }
        count -= 1
        count(removed.options, -1)
    }

    /// The home's head as an answer gave it: what is pushed from here on comes after it.
    func reached(_ head: Int64) {
        self.head = max(self.head, head)
    }

    /// Where an answer found the streams: growth from here on comes after that.
    func reached(_ cursors: [UInt64: StreamCursor]) {
        for (handle, cursor) in cursors { streams[handle] = cursor }
    }

    /// The subscriber has asked anew: its wishes and whether it still lacks events may have changed.
    func update(_ subscription: Subscription, catchingUp: Bool) {
        guard let place = subscription.place else { return }
        count(lanes[place.lane].members[place.index].options, -1)
        lanes[place.lane].members[place.index].options = subscription.options
        lanes[place.lane].members[place.index].isCatchingUp = catchingUp
        lanes[place.lane].members[place.index].isBehind = subscription.behind != nil
        count(subscription.options, 1)
    }

    private func count(_ options: SubscriptionOptions, _ change: Int) {
        if options.contains(.presence) { presenceWatchers += change }
        if options.contains(.durable) { durableWatchers += change }
    }

    private func laneIndex(_ encoding: FrameEncoding) -> Int {
        if let index = lanes.firstIndex(where: { $0.encoding == encoding }) { return index }
        lanes.append(Lane(encoding: encoding))
        return lanes.count - 1
    }

    // MARK: Delivery

    /// Queues a batch for everybody who is to hear it.
    func deliver(_ batch: Batch, by shard: Shard) {
        head = max(head, batch.head)
        if !batch.events.isEmpty { deliverEvents(batch.events, by: shard) }
        if !batch.streams.isEmpty { deliverGrowth(batch.streams, by: shard) }
        for handle in batch.endedStreams { streams[handle] = nil }
        if !batch.ephemera.isEmpty { deliverEphemera(batch.ephemera, by: shard) }
        if let news = batch.presence, presenceWatchers > 0 { deliverPresence(news, by: shard) }
        if let durable = batch.durable, durableWatchers > 0 { deliverDurable(durable, by: shard) }
    }

    private func deliverEvents(_ events: [KeptEvent], by shard: Shard) {
        let soft = shard.configuration.softQueueBytes
        for lane in lanes where !lane.members.isEmpty {
            guard let run = shard.frames.run(events.lazy.map(\.line), for: lane.encoding) else {
                deliverOwn(lane, events, by: shard)
                continue
            }
            // The hot loop of the hub: one share a subscriber, no reference counting of objects.
            var readers: UInt64 = 0
            for member in lane.members where !member.isCatchingUp {
                readers += 1
                member.outlet.share(run)
                if member.outlet.queuedBytes > soft {
                    shard.overfull.append(member.subscription.takeUnretainedValue().client)
                }
            }
            shard.metrics.deliveries += UInt64(events.count) * readers
        }
    }

    /// Connections with a compression context of their own get each event through their own codec.
    private func deliverOwn(_ lane: Lane, _ events: [KeptEvent], by shard: Shard) {
        for member in lane.members where !member.isCatchingUp {
            let client = member.subscription.takeUnretainedValue().client
            for event in events { client.send(event.line) }
            shard.metrics.deliveries += UInt64(events.count)
        }
    }

    /// Growth is encoded once for everybody who misses nothing; who cannot take more now gets a larger piece later.
    private func deliverGrowth(_ growths: [StreamGrowth], by shard: Shard) {
        let soft = shard.configuration.softQueueBytes
        for lane in lanes.indices {
            for index in lanes[lane].members.indices {
                let member = lanes[lane].members[index]
                guard !member.isBehind, member.isCatchingUp || member.outlet.queuedBytes > soft else { continue }
                fallBehind(lane: lane, index: index, by: shard)
            }
        }
        for growth in growths { streams[growth.handle] = growth.cursor }
        for lane in lanes where !lane.members.isEmpty {
            guard let run = shard.frames.run(growths.lazy.map(\.line), for: lane.encoding) else {
                for member in lane.members where !member.isBehind {
                    let client = member.subscription.takeUnretainedValue().client
                    for growth in growths { client.send(growth.line) }
                    shard.metrics.streamDeltas += UInt64(growths.count)
                }
                continue
            }
            for member in lane.members where !member.isBehind {
                member.outlet.share(run)
                shard.metrics.streamDeltas += UInt64(growths.count)
            }
        }
    }

    /// A subscriber gets no growth until it has fetched what it is not given now.
    private func fallBehind(lane: Int, index: Int, by shard: Shard) {
        lanes[lane].members[index].isBehind = true
        shard.metrics.streamLags += 1
        lanes[lane].members[index].subscription._withUnsafeGuaranteedRef { subscription in
            subscription.fallBehind(at: streams)
            shard.overfull.append(subscription.client)
        }
    }

    private func deliverEphemera(_ ephemera: [Batch.Ephemeral], by shard: Shard) {
        let soft = shard.configuration.softQueueBytes
        let lines = ephemera.map(\.line)
        for lane in lanes where !lane.members.isEmpty {
            guard let run = shard.frames.run(lines, for: lane.encoding) else {
                for member in lane.members {
                    let client = member.subscription.takeUnretainedValue().client
                    if client.isLagging {
                        client.conflate(ephemera, in: identity.key.name)
                    } else {
                        lines.forEach(client.send)
                    }
                }
                continue
            }
            for member in lane.members {
                let client = member.subscription.takeUnretainedValue().client
                if client.isLagging {
                    client.conflate(ephemera, in: identity.key.name)
                } else {
                    member.outlet.share(run)
                    if member.outlet.queuedBytes > soft { shard.overfull.append(client) }
                }
            }
        }
    }

    private func deliverPresence(_ news: Batch.PresenceNews, by shard: Shard) {
        var line: [UInt8] = []
        Push.presence(room: identity.key.name.text, join: news.join, leave: news.leave, into: &line)
        for lane in lanes {
            for member in lane.members where member.options.contains(.presence) {
                let client = member.subscription.takeUnretainedValue().client
                if client.isLagging {
                    client.conflate(news, in: identity.key.name)
                } else {
                    client.send(line)
                }
            }
        }
    }

    private func deliverDurable(_ durable: Int64, by shard: Shard) {
        var line: [UInt8] = []
        Push.durable(room: identity.key.name.text, offset: durable, into: &line)
        for lane in lanes {
            for member in lane.members where member.options.contains(.durable) {
                let client = member.subscription.takeUnretainedValue().client
                if client.isLagging {
                    client.conflate(durable: durable, in: identity.key.name)
                } else {
                    client.send(line)
                }
            }
        }
    }
}

@available(*, unavailable)
extension Audience: Sendable {}
