import Testing

@testable import HubServer

@Suite("Router")
struct RouterTests {
    private let router = Router(demo: true, echo: true)

    @Test(
        "what is where",
        arguments: [
            ("GET", "/", Router.Endpoint.file("demo/index.html")), ("HEAD", "/", .file("demo/index.html")),
            ("GET", "/assets/app.js", .file("demo/app.js")), ("GET", "/js/apus.d.ts", .file("js/apus.d.ts")),
            ("GET", "/ws", .webSocket), ("GET", "/echo", .echo), ("GET", "/healthz", .health),
            ("GET", "/readyz", .readiness),
            ("GET", "/metrics", .metrics), ("HEAD", "/version", .version), ("GET", "/demo/people", .demoPeople),
            ("POST", "/demo/login", .demoLogin),
            ("POST", "/api/v1/rooms/ticket:42/events", .publish(room: "ticket:42")),
            ("GET", "/api/v1/rooms/ticket%3A42%2Fnotes/events", .history(room: "ticket:42/notes")),
            ("HEAD", "/api/v1/rooms/a:b/events", .history(room: "a:b")),
            ("OPTIONS", "/api/v1/rooms/a:b/events", .preflight),
            ("POST", "/api/v1/revocations", .revoke), ("OPTIONS", "/api/v1/revocations", .preflight),
            ("POST", "/api/v1/streams", .openStream), ("OPTIONS", "/api/v1/streams", .preflight),
            ("POST", "/api/v1/streams/a%2Fb:1/append", .appendStream("a/b:1")),
            ("POST", "/api/v1/streams/s9/close", .closeStream("s9")),
            ("GET", "/api/v1/providers", .providers), ("OPTIONS", "/api/v1/providers", .preflight),
        ]
    )
    func found(_ method: String, _ path: String, _ endpoint: Router.Endpoint) {
        #expect(router.route(method: method, path: path) == .found(endpoint))
    }

    @Test(
        "what is nowhere",
        arguments: [
            "", "/x", "/ws/", "/assets/", "/assets/../x", "/assets/.env", "/assets/a/b", "/assets/a%2Fb", "/js/..",
            "/js/a b",
            "/js/ä", "/api/v1/rooms", "/api/v1/streams/", "/api/v1/streams/s9", "/api/v1/streams/s9/x", "/api/v1",
            "/api/v1/rooms/a:b", "/api/v2/rooms/a:b/events", "/api/v1/rooms/a:b/events/", "*",
            "/index.html", "/js/" + String(repeating: "a", count: 129),
        ]
    )
    func notFound(_ path: String) {
        #expect(router.route(method: "GET", path: path) == .notFound)
    }

    @Test(
        "a method that a path does not have names those it has",
        arguments: [
            ("POST", "/", ["GET", "HEAD"]), ("DELETE", "/healthz", ["GET", "HEAD"]), ("HEAD", "/ws", ["GET"]),
            ("POST", "/echo", ["GET"]), ("GET", "/demo/login", ["POST"]), ("get", "/healthz", ["GET", "HEAD"]),
            ("PUT", "/api/v1/rooms/a:b/events", ["POST", "GET", "HEAD"]), ("OPTIONS", "/healthz", ["GET", "HEAD"]),
            ("GET", "/api/v1/revocations", ["POST"]),
            ("GET", "/api/v1/streams", ["POST"]), ("GET", "/api/v1/streams/s9/append", ["POST"]),
        ]
    )
    func method(_ method: String, _ path: String, _ allowed: [String]) {
        #expect(router.route(method: method, path: path) == .methodNotAllowed(allowed))
    }

    @Test("a room that is not percent-encoded well", arguments: ["%", "%4", "%zz", "%ff", "a%C3"])
    func badPath(_ room: String) {
        #expect(router.route(method: "GET", path: "/api/v1/rooms/\(room)/events") == .badPath)
    }

    @Test("without demo and echo their paths do not exist", arguments: ["/echo", "/demo/people", "/demo/login"])
    func switchedOff(_ path: String) {
        #expect(Router(demo: false, echo: false).route(method: "GET", path: path) == .notFound)
    }
}
