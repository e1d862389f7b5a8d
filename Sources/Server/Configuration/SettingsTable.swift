/// All settings, in the order of docs/configuration.md.
public enum SettingsTable {
    /// Every setting.
    public static let all: [Setting] =
        server + tls + logging + people + peers + limits + rates + rooms + streams + store + jobs + generation

    /// The setting with that key, patterns included.
    public static func setting(for key: String) -> Setting? {
        if let exact = byKey[key] { return exact }
        return all.first { $0.isPattern && $0.chosenPart(of: key) != nil }
    }

    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    private static let server: [Setting] = [
        Setting(
            "host",
            .text,
            standard: "127.0.0.1",
            flag: "--host",
            "Address to listen on: an IPv4 or IPv6 literal, or `localhost`."
        ),
        Setting(
            "port",
            .number(0...65_535),
            standard: "8080",
            flag: "--port",
            "Port to listen on; 0 takes a free one, which is printed."
        ),
        Setting(
            "data",
            .text,
            standard: "./data",
            flag: "--data",
            "Folder of the database and of the generated key; locked while the hub runs."
        ),
        Setting(
            "reactors",
            .number(0...64),
            standard: "0",
            flag: "--reactors",
            "Loops, each with a thread of its own; 0 takes one per core, at most 8."
        ),
        Setting(
            "reactor",
            .choice(["auto", "io_uring", "epoll"]),
            standard: "auto",
            "How the loops talk to the kernel; `auto` probes for io_uring and falls back to epoll."
        ),
        Setting(
            "gather_us",
            .number(0...100_000),
            standard: "1000",
            "Longest time in µs that a busy loop holds deliveries back to send several together; idle ones add nothing. 0: never."
        ),
        Setting(
            "demo",
            .flag,
            standard: "false",
            flag: "--demo",
            "Demo people and their log-in without a password; loopback only."
        ),
        Setting(
            "echo",
            .flag,
            standard: "false",
            flag: "--echo",
            "A plain echo socket at `/echo` for conformance suites; 16 MiB messages."
        ),
        Setting(
            "web.root",
            .text,
            standard: "",
            "Folder with `demo/` and `js/`; empty looks for `clients` beside the executable and in the working directory."
        ),
        Setting(
            "drain.deadline_ms",
            .number(0...600_000),
            standard: "20000",
            "How long clients may stay after the notice of a restart before they are closed with 1012."
        ),
        Setting(
            "drain.accept_rate",
            .number(1...100_000),
            standard: "500",
            "Reconnects a second that the slots of a drain are spread to."
        ),
    ]

    private static let logging: [Setting] = [
        Setting(
            "log.level",
            .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            standard: "info",
            "Least severe level that is written to stderr."
        ),
        Setting(
            "log.format",
            .choice(["text", "json"]),
            standard: "text",
            "One line of text, or one JSON object a line."
        ),
    ]

    private static let peers: [Setting] = [
        Setting(
            "allowed_origins",
            .list,
            standard: "",
            "Origins that may open a WebSocket besides the page's own host, such as `https://desk.example`."
        ),
        Setting(
            "cors.allowed_origins",
            .list,
            standard: "",
            "Origins whose pages may call `/api`, apart from those of sockets; others get no CORS headers."
        ),
        Setting(
            "trusted_proxies",
            .list,
            standard: "",
            "Addresses or networks (`10.0.0.0/8`) whose X-Forwarded-For counts; exempt from the limits per address."
        ),
        Setting(
            "ping_interval_ms",
            .number(1_000...3_600_000),
            standard: "25000",
            "Time between WebSocket pings; two silent intervals close with 4408."
        ),
        Setting(
            "deflate",
            .choice(["off", "on", "context_takeover"]),
            standard: "on",
            "permessage-deflate: never, without context takeover (one deflated frame for all), or with it where the client allows."
        ),
    ]

    private static let people: [Setting] = [
        Setting(
            "auth.keys",
            .list,
            standard: "",
            "Keys that tokens are verified with, each `kid:ALGORITHM:FILE` with HS256 (secret), ES256 or EdDSA (public key, PEM or JWK); empty generates `hs256.key` in the data folder."
        ),
        Setting("auth.issuer", .text, standard: "", "The `iss` that tokens must carry; empty accepts any."),
        Setting(
            "auth.longest_life_days",
            .number(0...36_500),
            standard: "0",
            "Tokens that end later than so many days from now are refused, and a revocation stands so long; 0 takes any, and a revocation stands for ever."
        ),
        Setting("auth.audience", .text, standard: "", "The `aud` that tokens must carry; empty accepts any."),
    ]
}
