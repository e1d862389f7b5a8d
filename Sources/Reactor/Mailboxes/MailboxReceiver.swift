/// The loop's end of a mailbox, without its type of message.
protocol MailboxReceiver: AnyObject {
    func deliver()
    func close()
}

/// Confined to the loop that made the mailbox.
final class TypedMailboxReceiver<Message: Sendable>: MailboxReceiver {
    private let mailbox: Mailbox<Message>
    private let receive: ([Message]) -> Void
    private var spare: [Message] = []

    /// More than this is not kept between turns.
    private static var keptCapacity: Int { 1024 }

    init(_ mailbox: Mailbox<Message>, receive: @escaping ([Message]) -> Void) {
        self.mailbox = mailbox
        self.receive = receive
    }

    func deliver() {
        var messages: [Message] = []
        swap(&messages, &spare)
        mailbox.exchange(&messages)
        if !messages.isEmpty { receive(messages) }
        messages.removeAll(keepingCapacity: messages.capacity <= Self.keptCapacity)
        spare = messages
    }

    func close() {
        mailbox.close()
    }
}
