/// What an end point answers; the connection adds the headers that every reply has.
struct HTTPReply: Sendable {
    var status: Int
    var headers: [(String, String)]
    var body: [UInt8]

    init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A reply of a type.
    static func of(_ type: String, _ body: [UInt8], status: Int = 200) -> HTTPReply {
        HTTPReply(status: status, headers: [("Content-Type", type), ("Cache-Control", "no-store")], body: body)
    }

    /// A JSON object that has been encoded already.
    static func json(_ body: [UInt8], status: Int = 200) -> HTTPReply {
        of("application/json", body, status: status)
    }
}
