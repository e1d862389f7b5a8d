import HubCore
import Testing

@testable import HubServer

@Suite("Configuration of the server")
struct ServerConfigurationTests {
    private func configuration(_ flags: [String: SettingValue] = [:]) throws -> ServerConfiguration {
        try ServerConfiguration(try SettingsResolver.resolve(flags: flags, environment: [:], file: nil))
    }

    @Test("the table's defaults are the hub's own")
    func hubDefaults() throws {
        let read = try configuration().hub
        #expect(Mirror(reflecting: read).children.count == Mirror(reflecting: HubConfiguration()).children.count)
        for (mine, theirs) in zip(Mirror(reflecting: read).children, Mirror(reflecting: HubConfiguration()).children) {
            #expect("\(mine.value)" == "\(theirs.value)", "\(mine.label ?? "")")
        }
    }

    @Test("no loops named: one a core, at most 8")
    func reactors() throws {
        #expect((1...8).contains(try configuration().reactors))
        #expect(try configuration(["reactors": .number(3)]).reactors == 3)
    }

    @Test("the reactor is probed for unless named")
    func reactor() throws {
        #expect(try configuration().reactor == nil)
        #expect(try configuration(["reactor": .text("epoll")]).reactor == "epoll")
    }

    @Test("rate limits off lifts what is counted per second and per address")
    func rateLimits() throws {
        let off = try configuration(["rate_limits": .text("off")])
        #expect(off.hub.rates == .off)
        #expect(off.addressLimits == nil)
        let on = try configuration()
        #expect(on.hub.rates == RateLimits())
        #expect(on.hub.rates[.connection, .sends] == Rate(perSecond: 10, burst: 50))
        #expect(on.addressLimits == .init(connections: 200, acceptsPerSecond: 50))
    }

    @Test("the demo is for loopback", arguments: ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
    func demoOnLoopback(_ host: String) throws {
        #expect(try configuration(["demo": .flag(true), "host": .text(host)]).demo)
    }

    @Test("the demo refuses other hosts", arguments: ["0.0.0.0", "::", "192.0.2.1"])
    func demoElsewhere(_ host: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try configuration(["demo": .flag(true), "host": .text(host)])
        }
        #expect(error.name == "--demo")
    }

    @Test(
        "what does not go together is named",
        arguments: [
            ("host", SettingValue.text("example.com"), "--host"), ("host", .text(""), "--host"),
            ("data", .text(""), "--data"),
            ("trusted_proxies", .list(["10.0.0.0/33"]), "trusted_proxies"),
            ("allowed_origins", .list(["desk.example"]), "allowed_origins"),
            ("allowed_origins", .list(["https://desk.example/"]), "allowed_origins"),
            ("cors.allowed_origins", .list(["*"]), "cors.allowed_origins"),
            ("limits.queue_soft_bytes", .number(1 << 30), "limits.queue_soft_bytes"),
            ("limits.data_bytes", .number(1 << 20), "limits.data_bytes"), ("auth.keys", .list(["x"]), "auth.keys"),
            ("auth.keys", .list(["a:RS256:f"]), "auth.keys"), ("auth.keys", .list(["a b:HS256:f"]), "auth.keys"),
            ("auth.keys", .list(["a:HS256:f", "a:ES256:g"]), "auth.keys"),
            ("auth.keys", .list(["a:HS256:"]), "auth.keys"),
        ]
    )
    func contradictions(_ key: String, _ value: SettingValue, _ name: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try configuration([key: value]) }
        #expect(error.name == name)
    }

    @Test("TLS is a certificate with a key, and on top of it another least version and a plain port")
    func tls() throws {
        #expect(try configuration().tls == nil)
        let pair: [String: SettingValue] = ["tls.certificate": .text("c.pem"), "tls.key": .text("k.pem")]
        let plainly = try #require(try configuration(pair).tls)
        #expect(plainly.certificate == "c.pem")
        #expect(plainly.key == "k.pem")
        #expect(plainly.minimumVersion == "1.2")
        #expect(plainly.plain == nil)
        #expect(plainly.certificateName == "--tls-certificate")
        let more: [String: SettingValue] = [
            "tls.minimum_version": .text("1.3"), "tls.plain_address": .text("[::1]:0"),
        ]
        let fully = try #require(try configuration(pair.merging(more) { $1 }).tls)
        #expect(fully.minimumVersion == "1.3")
        #expect(fully.plain?.host == "::1")
        #expect(fully.plain?.port == 0)
    }

    @Test(
        "half of TLS is named, and so is a plain address that is none",
        arguments: [
            (["tls.certificate": "c"], "--tls-certificate", "needs tls.key beside it"),
            (["tls.key": "k"], "--tls-key", "needs tls.certificate beside it"),
            (["tls.plain_address": "127.0.0.1:1"], "tls.plain_address", "needs tls.certificate beside it"),
        ]
            + ["8081", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "::1:80", "hub.example:80", ":80"].map {
                (
                    ["tls.certificate": "c", "tls.key": "k", "tls.plain_address": $0], "tls.plain_address",
                    "must be an address and a port, such as 127.0.0.1:8081"
                )
            }
    )
    func halfOfTLS(_ settings: [String: String], _ name: String, _ sentence: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try configuration(settings.mapValues { .text($0) })
        }
        #expect(error == ConfigurationError(name, sentence))
    }

    @Test("the demo is for loopback on the plain port, too")
    func demoOnPlainPort() throws {
        var flags: [String: SettingValue] = [
            "demo": .flag(true), "tls.certificate": .text("c"), "tls.key": .text("k"),
            "tls.plain_address": .text("127.0.0.1:0"),
        ]
        #expect(try configuration(flags).demo)
        flags["tls.plain_address"] = .text("0.0.0.0:0")
        #expect(try #require(throws: ConfigurationError.self) { try configuration(flags) }.name == "--demo")
    }

    @Test("retention is gathered by kind of room")
    func retention() throws {
        let read = try configuration([
            "retention.queue.days": .number(30), "retention.queue.events": .number(5),
            "retention.log.events": .number(9),
        ])
        #expect(read.store.retention == ["queue": .init(days: 30, events: 5), "log": .init(days: nil, events: 9)])
    }

    @Test("keys, origins and audience are taken apart")
    func people() throws {
        let read = try configuration([
            "auth.keys": .list(["main:EdDSA:/etc/k:1.pem"]), "auth.issuer": .text("i"),
            "allowed_origins": .list(["https://Desk.example"]),
        ])
        #expect(read.keys == [TokenKeyReference(id: "main", algorithm: .eddsa, path: "/etc/k:1.pem")])
        #expect(read.issuer == "i")
        #expect(read.audience == nil)
        #expect(read.allowedOrigins == ["https://desk.example"])
    }
}
