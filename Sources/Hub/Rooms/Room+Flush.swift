import HubProtocol

extension Room {
    /// Hands what the turn has gathered to every loop that has subscribers, as one batch each.
    func flush() {
        isDirty = false
        if presence.hasNews {
            let news = presence.takeNews()
            batch.presence = Batch.PresenceNews(join: news.join, leave: news.leave)
        }
        if durableMoved {
            durableMoved = false
            batch.durable = durable
        }
        streams?.gather(into: &batch)
        guard !batch.isEmpty else { return }
        batch.head = head
        let full = batch
        batch = Batch()
        ephemeraIndex.removeAll(keepingCapacity: false)
        for loop in subscribers.indices where subscribers[loop] > 0 {
            shard.deliver(full, of: identity, to: loop)
        }
    }
}
