import HubCore
import Logging
import Reactor

@testable import HubServer

/// A whole server on a free port of loopback, over a store in memory, for the length of a test.
struct TestServer {
    let server: Server
    let store: MemoryStore
    let mint: TokenMint

    /// Two providers, one of which has done nothing yet.
    static let providers: [ProviderFigures] = {
        var busy = ProviderFigures(name: "main", dialect: "openai", model: "m")
        (busy.requests, busy.answers, busy.tokensIn, busy.tokensOut) = (3, 2, 120, 300)
        (busy.breaker, busy.firstTokenSeconds, busy.lastFailure) = ("open", 0.41, "timeout")
        busy.failures = [("timeout", 1)]
        return [busy, ProviderFigures(name: "idle", dialect: "groq", model: "n")]
    }()

    var port: Int { Int(server.address.port) }

    func token(_ user: String = "u7", roles: [String] = ["operator"], rooms: [String] = []) async throws -> String {
        let claims = try MintedClaims(
            user: user,
            roles: roles,
            rooms: rooms,
            now: TokenAuthenticator.clock(),
            lifetime: .seconds(600)
        )
        return try await mint.token(for: claims)
    }

    static func with(
        _ flags: [String: SettingValue] = [:],
        web: [String: WebFile] = [:],
        deadlines: HTTPDeadlines = HTTPDeadlines(),
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let base: [String: SettingValue] = [
            "port": .number(0), "reactors": .number(2), "demo": .flag(true), "echo": .flag(true),
            "drain.deadline_ms": .number(2000), "reactor": .text("epoll"),
        ]
        let values = try SettingsResolver.resolve(
            flags: base.merging(flags) { _, own in own },
            environment: [:],
            file: nil
        )
        let configuration = try ServerConfiguration(values)
        let store = MemoryStore()
        let mint = await TokenMint(secret: TokenForge.secret)
        let logger = Logger(label: "apus.test") { _ in SwiftLogNoOpLogHandler() }
        let hub = Hub(
            configuration: configuration.hub,
            loops: configuration.reactors,
            store: store,
            authenticator: TokenAuthenticator(keys: [try await .hs256(id: "local", secret: TokenForge.secret)]),
            logger: logger
        )
        let parts = Server.Parts(
            hub: hub,
            store: store,
            web: WebRoot(files: web),
            mint: mint,
            storeFigures: { StoreFigures() },
            providerFigures: { TestServer.providers }
        )
        let server = try Server.start(configuration, parts, deadlines: deadlines, logger: logger)
        do {
            try await body(TestServer(server: server, store: store, mint: mint))
        } catch {
            await server.drain()
            throw error
        }
        await server.drain()
    }
}
