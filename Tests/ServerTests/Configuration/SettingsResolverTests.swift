import Foundation
import Testing

@testable import HubServer

@Suite("Resolving settings")
struct SettingsResolverTests {
    private func resolve(
        flags: [String: SettingValue] = [:],
        environment: [String: String] = [:],
        file: String? = nil
    ) throws -> SettingValues {
        guard let file else { return try SettingsResolver.resolve(flags: flags, environment: environment, file: nil) }
        return try TemporaryFolder.with { folder in
            let path = folder.path("apus.json")
            try file.write(toFile: path, atomically: true, encoding: .utf8)
            return try SettingsResolver.resolve(flags: flags, environment: environment, file: path)
        }
    }

    @Test("nothing said: the defaults")
    func defaults() throws {
        let values = try resolve()
        #expect(values["port"] == .number(8080))
        #expect(values["rate_limits"] == .text("on"))
        #expect(values["allowed_origins"] == .list([]))
        #expect(values["retention.ticket.days"] == nil)
    }

    @Test("flags before environment before file before default")
    func precedence() throws {
        let file = #"{"port": 1, "data": "f", "log": {"level": "debug"}}"#
        let environment = ["APUS_PORT": "2", "APUS_DATA": "e", "HOME": "/"]
        let values = try resolve(flags: ["port": .number(3)], environment: environment, file: file)
        #expect(values["port"] == .number(3))
        #expect(values["data"] == .text("e"))
        #expect(values["log.level"] == .text("debug"))
        #expect(values["log.format"] == .text("text"))
    }

    @Test("dotted keys and nesting mean the same; lists are arrays in the file and have commas in the environment")
    func spelling() throws {
        let values = try resolve(
            environment: ["APUS_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1"],
            file: #"{"log.level": "error", "allowed_origins": ["https://a", "https://b"], "demo": true}"#
        )
        #expect(values["log.level"] == .text("error"))
        #expect(values["allowed_origins"] == .list(["https://a", "https://b"]))
        #expect(values["trusted_proxies"] == .list(["10.0.0.0/8", "192.0.2.1"]))
        #expect(values["demo"] == .flag(true))
    }

    @Test("a kind's retention by variable and by file")
    func patterns() throws {
        let values = try resolve(
            environment: ["APUS_RETENTION_QUEUE_DAYS": "30"],
            file: #"{"retention": {"log": {"events": 1000}}}"#
        )
        #expect(values["retention.queue.days"] == .number(30))
        #expect(values["retention.log.events"] == .number(1000))
    }

    @Test("APUS_CONFIG names the file where no flag does")
    func fileByVariable() throws {
        try TemporaryFolder.with { folder in
            let path = folder.path("c.json")
            try #"{"port": 9}"#.write(toFile: path, atomically: true, encoding: .utf8)
            let values = try SettingsResolver.resolve(flags: [:], environment: ["APUS_CONFIG": path], file: nil)
            #expect(values["port"] == .number(9))
        }
    }

    @Test(
        "a wrong variable is named",
        arguments: [
            (["APUS_PROT": "1"], "APUS_PROT"), (["APUS_PORT": "x"], "APUS_PORT"), (["APUS_PORT": "65536"], "APUS_PORT"),
            (["APUS_PORT": "-1"], "APUS_PORT"), (["APUS_PORT": ""], "APUS_PORT"), (["APUS_DEMO": "maybe"], "APUS_DEMO"),
            (["APUS_LOG_LEVEL": "loud"], "APUS_LOG_LEVEL"), (["APUS_REACTOR": "kqueue"], "APUS_REACTOR"),
            (["APUS_RETENTION_TICKET_WEEKS": "1"], "APUS_RETENTION_TICKET_WEEKS"),
            (["APUS_RETENTION_TICKET_DAYS": "0"], "APUS_RETENTION_TICKET_DAYS"),
            (["APUS_RETENTION__DAYS": "1"], "APUS_RETENTION__DAYS"),
        ]
    )
    func wrongVariable(_ environment: [String: String], _ name: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try resolve(environment: environment) }
        #expect(error.name == name)
    }

    @Test("a wrong variable is found even where a flag hides it")
    func hiddenMistake() {
        #expect(throws: ConfigurationError.self) {
            try resolve(flags: ["port": .number(1)], environment: ["APUS_PORT": "x"])
        }
    }

    @Test("a wrong flag is named as a flag")
    func wrongFlag() throws {
        let port = try #require(throws: ConfigurationError.self) { try resolve(flags: ["port": .number(70_000)]) }
        #expect(port.name == "--port")
        let limits = try #require(throws: ConfigurationError.self) { try resolve(flags: ["rate_limits": .text("no")]) }
        #expect(limits.description == "--rate-limits: must be one of on, off")
        let unknown = try #require(throws: ConfigurationError.self) { try resolve(flags: ["x": .text("no")]) }
        #expect(unknown.sentence == "no such setting")
    }

    @Test(
        "a wrong key or value in the file is named",
        arguments: [
            (#"{"prot": 1}"#, "prot"), (#"{"log": {"lvl": "info"}}"#, "log.lvl"), (#"{"log": {}}"#, "log"),
            (#"{"log": "info"}"#, "log"), (#"{"port": "8080"}"#, "port"), (#"{"port": 1.5}"#, "port"),
            (#"{"port": true}"#, "port"), (#"{"port": null}"#, "port"), (#"{"demo": 1}"#, "demo"),
            (#"{"demo": "true"}"#, "demo"), (#"{"allowed_origins": "https://a"}"#, "allowed_origins"),
            (#"{"allowed_origins": [1]}"#, "allowed_origins"), (#"{"log": {"level": "loud"}}"#, "log.level"),
            (#"{"port": 70000}"#, "port"), (#"{"retention": {"q": {"days": 0}}}"#, "retention.q.days"),
            (#"{"port": {"x": 1}}"#, "port"), (#"{"log": {"level": "info"}, "log.level": "info"}"#, "log.level"),
            ("[]", "--config"), ("{", "--config"), ("", "--config"),
        ]
    )
    func wrongFile(_ text: String, _ name: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try resolve(file: text) }
        #expect(error.name == name)
    }

    @Test("a missing file is said")
    func missingFile() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try SettingsResolver.resolve(flags: [:], environment: [:], file: "/nonexistent/apus.json")
        }
        #expect(error.description == "--config: the file /nonexistent/apus.json cannot be read")
    }
}
