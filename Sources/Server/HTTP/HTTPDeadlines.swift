/// How long each phase of an HTTP connection may last; a peer that sends drop by drop gets no longer.
struct HTTPDeadlines: Sendable {
    /// From the first byte, or the accept, to the end of a head.
    var head: Duration = .seconds(10)
    /// From the head to the end of the body.
    var body: Duration = .seconds(30)
    /// For a peer that does not read what it asked for.
    var flush: Duration = .seconds(30)
    /// Silence between two requests.
    var idle: Duration = .seconds(60)
}
