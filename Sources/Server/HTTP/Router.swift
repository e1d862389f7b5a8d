import HubProtocol

/// Where a request goes, by method and path alone. Pure; the end points themselves are elsewhere.
struct Router: Sendable {
    /// What a path leads to.
    enum Endpoint: Equatable, Sendable {
        case webSocket, echo
        case file(String)
        case publish(room: String), history(room: String)
        case revoke
        case openStream, appendStream(String), closeStream(String)
        case job(JobCommand.Name, id: String?)
        case providers
        case health, readiness, metrics, version
        case demoPeople, demoLogin
        /// A preflight of the browser for an API path.
        case preflight
    }

    /// The outcome of a look-up.
    enum Outcome: Equatable, Sendable {
        case found(Endpoint)
        case notFound
        /// The path exists, for these methods only.
        case methodNotAllowed([String])
        /// The path is ill-formed.
        case badPath
    }

    /// Whether the demo's end points exist.
    let demo: Bool
    /// Whether the echo socket exists.
    let echo: Bool

    func route(method: String, path: String) -> Outcome {
        let endpoints: [(method: String, endpoint: Endpoint)]
        switch path {
        case "/ws": endpoints = [("GET", .webSocket)]
        case "/echo" where echo: endpoints = [("GET", .echo)]
        case "/healthz": endpoints = [("GET", .health)]
        case "/readyz": endpoints = [("GET", .readiness)]
        case "/metrics": endpoints = [("GET", .metrics)]
        case "/version": endpoints = [("GET", .version)]
        case "/demo/people" where demo: endpoints = [("GET", .demoPeople)]
        case "/demo/login" where demo: endpoints = [("POST", .demoLogin)]
        case _ where path.hasPrefix("/api/"):
            guard let found = Router.api(path) else { return .badPath }
            endpoints = found
        default:
            guard let file = Router.file(path) else { return .notFound }
            endpoints = [("GET", .file(file))]
        }
        return Router.choose(method, endpoints)
    }

    private static func choose(_ method: String, _ endpoints: [(method: String, endpoint: Endpoint)]) -> Outcome {
        guard let first = endpoints.first else { return .notFound }
        if let exact = endpoints.first(where: { $0.method == method }) { return .found(exact.endpoint) }
        // A socket cannot be opened with HEAD; everything else that can be got can be asked about.
        if method == "HEAD", let get = endpoints.first(where: { $0.method == "GET" }), get.endpoint != .webSocket,
            get.endpoint != .echo
        {
            return .found(get.endpoint)
        }
        if method == "OPTIONS", first.endpoint.isAPI { return .found(.preflight) }
        var allowed = endpoints.map(\.method)
        if allowed.contains("GET"), first.endpoint != .webSocket, first.endpoint != .echo { allowed.append("HEAD") }
        return .methodNotAllowed(allowed)
    }

    /// What lies under `/api/v1`; nil where a part is not percent-encoded well, no end points for unknown paths.
    private static func api(_ path: String) -> [(method: String, endpoint: Endpoint)]? {
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.starts(with: ["api", "v1"]) else { return [] }
        if parts.count == 3, parts[2] == "revocations" { return [("POST", .revoke)] }
        if parts.count == 3, parts[2] == "streams" { return [("POST", .openStream)] }
        if parts.count >= 3, parts[2] == "jobs" { return jobs(parts.dropFirst(3)) }
        if parts.count == 3, parts[2] == "providers" { return [("GET", .providers)] }
        guard parts.count == 5 else { return [] }
        switch (parts[2], parts[4]) {
        case ("rooms", "events"):
            guard let room = PercentEncoding.decode(parts[3]) else { return nil }
            return [("POST", .publish(room: room)), ("GET", .history(room: room))]
        case ("streams", "append"), ("streams", "close"):
            guard let stream = PercentEncoding.decode(parts[3]) else { return nil }
            return [("POST", parts[4] == "append" ? .appendStream(stream) : .closeStream(stream))]
        default: return []
        }
    }

    /// `/api/v1/jobs`, `…/claim`, `…/{id}` and `…/{id}/{command}`.
    private static func jobs(_ parts: ArraySlice<Substring>) -> [(method: String, endpoint: Endpoint)]? {
        guard let first = parts.first else { return [("POST", .job(.submit, id: nil)), ("GET", .job(.list, id: nil))] }
        guard let id = PercentEncoding.decode(first) else { return nil }
        if parts.count == 1 {
            return id == "claim" ? [("POST", .job(.claim, id: nil))] : [("GET", .job(.get, id: id))]
        }
        guard parts.count == 2, let last = parts.last, let name = JobCommand.Name(rawValue: String(last)) else {
            return []
        }
        switch name {
        case .progress, .done, .cancel, .answer: return [("POST", .job(name, id: id))]
        case .submit, .claim, .get, .list: return []
        }
    }

    /// The file under the web root: only plain names, so that no path leads out of the folders.
    private static func file(_ path: String) -> String? {
        if path == "/" { return "demo/index.html" }
        for (prefix, folder) in [("/assets/", "demo/"), ("/js/", "js/")] where path.hasPrefix(prefix) {
            let name = path.dropFirst(prefix.count)
            guard isPlain(name) else { return nil }
            return folder + name
        }
        return nil
    }

    private static func isPlain(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "."), name.utf8.count <= 128 else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "._-".utf8.contains(byte)
            }
        }
    }
}

extension Router.Endpoint {
    /// Whether it is one of `/api/`, which pages of other origins may be allowed to call.
    var isAPI: Bool {
        switch self {
        case .publish, .history, .revoke, .openStream, .appendStream, .closeStream, .job, .providers: true
        default: false
        }
    }
}
