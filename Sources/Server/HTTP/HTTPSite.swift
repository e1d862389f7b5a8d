import HubCore
import HubProtocol

/// What all loops serve alike: made once at the start, never changed.
struct HTTPSite: Sendable {
    let router: Router
    let limits: HTTPLimits
    let web: WebRoot
    let crossOrigin: CrossOrigin
    let socketPolicy: HandshakePolicy
    let addresses: AddressLedger
    let cap: ConnectionCap
    let store: any EventStore
    let metrics: @Sendable () async -> String
    let providerFigures: @Sendable () -> [ProviderFigures]
    let mint: TokenMint?
    let version: String
    let dataBytes: Int
    let deadlines: HTTPDeadlines

    /// Unsent bytes of a connection from which no further request of it is begun.
    let mostQueuedBytes = 256 << 10

    /// A site.
    ///
    /// `mint` makes the demo's tokens and must be there where the demo is on; `store` is asked how it does, `metrics`
    /// for the page of figures, `providerFigures` for those of the AI providers.
    init(
        deadlines: HTTPDeadlines,
        configuration: ServerConfiguration,
        web: WebRoot,
        mint: TokenMint?,
        store: any EventStore,
        metrics: @escaping @Sendable () async -> String,
        providerFigures: @escaping @Sendable () -> [ProviderFigures]
    ) {
        router = Router(demo: configuration.demo, echo: configuration.echo)
        limits = HTTPLimits(maxBodyBytes: configuration.bodyBytes)
        self.web = web
        crossOrigin = CrossOrigin(origins: configuration.corsOrigins)
        socketPolicy = HandshakePolicy(
            subprotocols: ["apus.v1"],
            allowedOrigins: configuration.allowedOrigins,
            deflate: HTTPSite.deflate(configuration.deflate)
        )
        addresses = AddressLedger(limits: configuration.addressLimits, trusted: configuration.trustedProxies)
        cap = ConnectionCap(most: configuration.connections)
        self.store = store
        self.metrics = metrics
        self.providerFigures = providerFigures
        self.mint = mint
        self.deadlines = deadlines
        version = Release.version
        dataBytes = configuration.hub.dataBytes
    }

    private static func deflate(_ setting: ServerConfiguration.Deflate) -> DeflatePolicy? {
        switch setting {
        case .off: nil
        case .on: DeflatePolicy()
        case .contextTakeover: .asOffered
        }
    }
}
