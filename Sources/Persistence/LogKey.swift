/// The keys under which the store's log messages carry their data.
enum LogKey {
    static let error = "error"
    static let attempts = "attempts"
    static let condition = "condition"
    static let room = "room"
    static let tenant = "tenant"
    static let writes = "writes"
    static let pages = "wal_pages"
    static let epoch = "epoch"
    static let starts = "starts"
    static let path = "path"
    static let synchronous = "synchronous"
    static let expired = "events"
}
