import Glibc
import HubCore
import Logging

extension ServerConfiguration {
    /// Takes resolved settings apart and checks what needs more than one of them.
    ///
    /// Errors: the setting that is wrong, by name.
    public init(_ values: SettingValues) throws(ConfigurationError) {
        host = values.text("host")
        port = values.number("port")
        tls = try ServerConfiguration.tls(values)
        data = values.text("data")
        let reactors = values.number("reactors")
        self.reactors = reactors == 0 ? min(8, max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))) : reactors
        gatherLimit = .microseconds(values.number("gather_us"))
        reactor = values.text("reactor") == "auto" ? nil : values.text("reactor")
        demo = values.flag("demo")
        echo = values.flag("echo")
        webRoot = values.text("web.root")
        drainDeadline = values.milliseconds("drain.deadline_ms")
        logLevel = Logger.Level(rawValue: values.text("log.level")) ?? .info
        logJSON = values.text("log.format") == "json"
        allowedOrigins = try ServerConfiguration.origins(values, "allowed_origins")
        corsOrigins = try ServerConfiguration.origins(values, "cors.allowed_origins")
        trustedProxies = try ServerConfiguration.networks(values.list("trusted_proxies"))
        deflate = Deflate(rawValue: values.text("deflate")) ?? .on
        let limited = values.text("rate_limits") == "on"
        addressLimits =
            limited
            ? AddressLimits(
                connections: values.number("limits.connections_per_address"),
                acceptsPerSecond: values.number("limits.accepts_per_address")
            ) : nil
        connections = values.number("limits.connections") == 0 ? nil : values.number("limits.connections")
        deadlines = HTTPDeadlines(
            head: values.milliseconds("limits.head_ms"),
            body: values.milliseconds("limits.body_ms"),
            idle: values.milliseconds("limits.idle_ms")
        )
        bodyBytes = values.number("limits.body_bytes")
        hub = ServerConfiguration.hub(values, limited: limited)
        store = ServerConfiguration.store(values)
        keys = try ServerConfiguration.keys(values.list("auth.keys"))
        providersFile = values.optionalText("generation.providers_file")
        promptsFolder = values.optionalText("generation.prompts")
        issuer = values.text("auth.issuer").isEmpty ? nil : values.text("auth.issuer")
        longestTokenLife = ServerConfiguration.longestLife(values)
        audience = values.text("auth.audience").isEmpty ? nil : values.text("auth.audience")
        guard host == "localhost" || AddressNetwork.bytes(of: host) != nil else {
            throw ConfigurationError(values.spelling("host"), "must be an IPv4 or IPv6 address, or localhost")
        }
        guard !data.isEmpty else { throw ConfigurationError(values.spelling("data"), "must not be empty") }
        guard !demo || ServerConfiguration.isLoopback(host) else {
            throw ConfigurationError(
                values.spelling("demo"),
                "people without passwords are for loopback only, not for host \(host)"
            )
        }
        if demo, let plain = tls?.plain, !ServerConfiguration.isLoopback(plain.host) {
            throw ConfigurationError(
                values.spelling("demo"),
                "people without passwords are for loopback only, not for tls.plain_address \(plain.host)"
            )
        }
        guard hub.softQueueBytes <= hub.hardQueueBytes else {
            throw ConfigurationError(
                values.spelling("limits.queue_soft_bytes"),
                "must not be over limits.queue_hard_bytes"
            )
        }
        guard hub.dataBytes < hub.frameBytes else {
            throw ConfigurationError(values.spelling("limits.data_bytes"), "must be below limits.frame_bytes")
        }
    }

    private static func hub(_ values: SettingValues, limited: Bool) -> HubConfiguration {
        var hub = HubConfiguration()
        hub.pingInterval = values.milliseconds("ping_interval_ms")
        hub.helloDeadline = values.milliseconds("limits.hello_ms")
        hub.presenceLeaveDelay = values.milliseconds("presence.leave_delay_ms")
        hub.dataBytes = values.number("limits.data_bytes")
        hub.frameBytes = values.number("limits.frame_bytes")
        hub.roomsPerConnection = values.number("limits.rooms")
        hub.commandsPerFrame = values.number("limits.commands_per_frame")
        hub.malformedTolerated = values.number("limits.malformed_commands")
        hub.rates = limited ? rates(values) : .off
        hub.rateRefusalsTolerated = values.number("limits.rate_refusals")
        hub.unansweredCommands = values.number("limits.unanswered_commands")
        hub.roomWaitingBytes = values.number("limits.room_waiting_bytes")
        hub.waitingBytes = values.number("limits.waiting_bytes")
        hub.revocations = values.number("limits.revocations")
        hub.longestTokenLife = longestLife(values)
        hub.ringEvents = values.number("ring.events")
        hub.ringBytes = values.number("ring.bytes")
        hub.recoverEvents = values.number("ring.recover_events")
        hub.roomIdle = values.milliseconds("ring.idle_ms")
        hub.softQueueBytes = values.number("limits.queue_soft_bytes")
        hub.hardQueueBytes = values.number("limits.queue_hard_bytes")
        hub.hardQueueAge = values.milliseconds("limits.queue_age_ms")
        hub.jobsPerTenant = values.number("jobs.per_tenant")
        hub.jobBytesPerTenant = values.number("jobs.bytes_per_tenant")
        hub.jobsRunning = values.number("jobs.running_per_tenant")
        hub.jobAttempts = values.number("jobs.attempts")
        hub.jobTimeLimit = values.milliseconds("jobs.time_limit_ms")
        hub.drainAcceptRate = values.number("drain.accept_rate")
        hub.streamsPerConnection = values.number("streams.per_connection")
        hub.streamsPerRoom = values.number("streams.per_room")
        hub.streamBytesPerLoop = values.number("streams.memory_bytes")
        hub.streamGrace = values.milliseconds("streams.grace_ms")
        hub.questionsWaiting = values.number("ask.waiting")
        for key in values.keys {
            guard let setting = SettingsTable.setting(for: key), setting.key == "ask.*.policy",
                let kind = setting.chosenPart(of: key), let policy = AskPolicy(rawValue: values.text(key))
            else { continue }
            hub.askPolicies[kind] = policy
        }
        return hub
    }

    private static func rates(_ values: SettingValues) -> RateLimits {
        var rates = RateLimits()
        for budget in RateBudget.allCases {
            for scope in RateScope.allCases {
                let burst = scope == .connection ? values.number(SettingsTable.burstKey(budget)) : nil
                rates[scope, budget] = Rate(perSecond: values.number(SettingsTable.key(budget, scope)), burst: burst)
            }
        }
        return rates
    }

    private static func longestLife(_ values: SettingValues) -> Duration? {
        let days = values.number("auth.longest_life_days")
        return days == 0 ? nil : .seconds(days * 86_400)
    }

    private static func store(_ values: SettingValues) -> StoreSettings {
        var retention: [String: Retention] = [:]
        for key in values.keys {
            guard let setting = SettingsTable.setting(for: key), let kind = setting.chosenPart(of: key) else {
                continue
            }
            switch setting.key {
            case "retention.*.days": retention[kind, default: Retention()].days = values.number(key)
            case "retention.*.events": retention[kind, default: Retention()].events = values.number(key)
            default: break
            }
        }
        return StoreSettings(
            synchronousFull: values.text("store.synchronous") == "full",
            commitInterval: values.milliseconds("store.commit_interval_ms"),
            commitEvents: values.number("store.commit_events"),
            lagEvents: values.number("store.lag_events"),
            lagBytes: values.number("store.lag_bytes"),
            lagAge: values.milliseconds("store.lag_ms"),
            retention: retention
        )
    }

    private static func keys(_ entries: [String]) throws(ConfigurationError) -> [TokenKeyReference] {
        var keys: [TokenKeyReference] = []
        for entry in entries {
            let key = try TokenKeyReference(entry)
            guard !keys.contains(where: { $0.id == key.id }) else {
                throw ConfigurationError("auth.keys", "the kid \(key.id) stands twice")
            }
            keys.append(key)
        }
        return keys
    }

    private static func networks(_ texts: [String]) throws(ConfigurationError) -> [AddressNetwork] {
        var networks: [AddressNetwork] = []
        for text in texts {
            guard let network = AddressNetwork(text) else {
                throw ConfigurationError("trusted_proxies", "\(text) is no address or network")
            }
            networks.append(network)
        }
        return networks
    }

    /// Origins are compared as browsers write them: scheme, host and port, nothing behind.
    private static func origins(_ values: SettingValues, _ key: String) throws(ConfigurationError) -> [String] {
        for origin in values.list(key) {
            let parts = origin.split(separator: "://", maxSplits: 1)
            guard parts.count == 2, ["http", "https"].contains(parts[0]), !parts[1].contains("/"),
                !parts[1].contains("*")
            else { throw ConfigurationError(key, "\(origin) is no origin such as https://desk.example") }
        }
        return values.list(key).map { $0.lowercased() }
    }

    private static func isLoopback(_ host: String) -> Bool {
        guard host != "localhost" else { return true }
        guard let bytes = AddressNetwork.bytes(of: host) else { return false }
        return bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }
}
