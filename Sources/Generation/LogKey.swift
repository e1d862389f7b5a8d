/// Every metadata key of this module's log lines.
enum LogKey {
    static let attempt = "attempt"
    static let code = "code"
    static let kind = "kind"
    static let provider = "provider"
    static let room = "room"
    static let status = "status"
    static let stream = "stream"
    static let tenant = "tenant"
}
