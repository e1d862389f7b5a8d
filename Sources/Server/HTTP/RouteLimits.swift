import HubCore

/// How often an address may ask for a kind of route; loopback and trusted proxies are exempt.
///
/// | kind | routes | requests a second of an address | at once |
/// |---|---|---|---|
/// | `pages` | files, `/version`, preflights, the demo's people | 100 | 500 |
/// | `probes` | `/healthz`, `/readyz` | 20 | 100 |
/// | `metrics` | `/metrics` | 5 | 25 |
/// | `logins` | `/demo/login` | 5 | 25 |
/// | `credentials` | `/api/v1`: requests whose token is refused | 20 | 100 |
///
/// What a request with a valid token may do is no matter of its address but of the person and role (`RateLimits`).
enum RouteLimits: UInt8, CaseIterable {
    case pages, probes, metrics, logins, credentials

    /// The kind of an end point; nil for sockets, which are counted as connections.
    init?(_ endpoint: Router.Endpoint) {
        switch endpoint {
        case .webSocket, .echo: return nil
        case .file, .version, .preflight, .demoPeople: self = .pages
        case .health, .readiness: self = .probes
        case .metrics: self = .metrics
        case .demoLogin: self = .logins
        case .publish, .history, .revoke, .openStream, .appendStream, .closeStream, .providers, .job:
            self = .credentials
        }
    }

    var rate: Rate {
        switch self {
        case .pages: Rate(perSecond: 100)
        case .probes, .credentials: Rate(perSecond: 20)
        case .metrics, .logins: Rate(perSecond: 5)
        }
    }
}
