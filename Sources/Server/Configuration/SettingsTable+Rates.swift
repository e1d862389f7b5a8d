import HubCore

/// How fast people may be: a rate for each budget and scope, generated from the table of defaults.
extension SettingsTable {
    static let rates: [Setting] =
        RateBudget.allCases.flatMap { budget in
            RateScope.allCases.map { setting(budget, $0) } + [burst(budget)]
        } + [
            Setting(
                "limits.rate_refusals",
                .number(0...100_000),
                standard: "100",
                "`rate_limited` answers that a connection may get before 4429; a tenth of them is forgiven a second."
            )
        ]

    /// The key of a rate: `limits.sends_per_second` for a connection, `limits.sends_per_user` for a person.
    static func key(_ budget: RateBudget, _ scope: RateScope) -> String {
        "limits.\(budget.name)_per_\(scope == .connection ? "second" : scope.name)"
    }

    /// The key of a connection's burst.
    static func burstKey(_ budget: RateBudget) -> String { "limits.\(budget.name)_burst" }

    private static func setting(_ budget: RateBudget, _ scope: RateScope) -> Setting {
        let whose =
            switch scope {
            case .connection: "one connection of a `user` or `viewer` (over HTTP: of the person)"
            case .user: "one `user` or `viewer`, over all connections and HTTP"
            case .tenant: "all of a tenant's `user`s and `viewer`s together"
            case .address: "all `user`s and `viewer`s of one address; loopback and trusted proxies are exempt"
            }
        let burst = scope == .connection ? "" : "; 5 times that at once"
        return Setting(
            key(budget, scope),
            .number(0...1_000_000),
            standard: String(RateLimits()[scope, budget].perSecond),
            "\(what(budget)) a second of \(whose)\(burst); over it `rate_limited`; 0: no limit."
        )
    }

    private static func burst(_ budget: RateBudget) -> Setting {
        Setting(
            burstKey(budget),
            .number(1...1_000_000),
            standard: String(RateLimits()[.connection, budget].burst),
            "\(what(budget)) that a connection of a `user` or `viewer` may make at once."
        )
    }

    private static func what(_ budget: RateBudget) -> String {
        switch budget {
        case .commands: "Commands of any kind and pings"
        case .sends: "Sends"
        case .signals: "Signals"
        case .reads: "`sub`, `history`, `presence`, `read` and rooms of a `hello`"
        }
    }
}
