import Foundation
import Logging
import Synchronization
import Testing

@testable import HubServer

@Suite("Log lines")
struct LogLineTests {
    private func line(_ message: String = "done", _ metadata: Logger.Metadata = [:]) -> LogLine {
        LogLine(time: "2026-01-31T10:00:00.000Z", level: .info, label: "apus", message: message, metadata: metadata)
    }

    @Test("text: time, level, label, message, metadata by key")
    func text() {
        let metadata: Logger.Metadata = [
            "b": "two words", "a": "1", "c": .array(["x", "y"]), "d": .dictionary(["k": "v"]),
        ]
        #expect(
            line("done", metadata).rendered(as: .text)
                == #"2026-01-31T10:00:00.000Z info apus: done a=1 b="two words" c=[x,y] d="{k=v}""#
        )
    }

    @Test("text: nothing can begin a line of its own")
    func oneLine() {
        let rendered = line("a\nb", ["k": "x\ny\u{1B}[0m", "e": ""]).rendered(as: .text)
        #expect(!rendered.contains("\n"))
        #expect(!rendered.contains("\u{1B}"))
        #expect(rendered.hasSuffix(#"apus: a b e="" k="x\ny\u001b[0m""#))
    }

    @Test("json: one object with escaped text, numbers as numbers, reserved names moved aside")
    func json() throws {
        let metadata: Logger.Metadata = [
            "n": .stringConvertible(7), "level": "mine", "t": "\"\\\n\r\t\u{1}", "l": .array(["x"]),
            "o": .dictionary(["k": .stringConvertible(1.5)]),
        ]
        let rendered = line("done", metadata).rendered(as: .json)
        #expect(!rendered.contains("\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(rendered.utf8)) as? [String: Any])
        #expect(object["message"] as? String == "done")
        #expect(object["level"] as? String == "info")
        #expect(object["level_"] as? String == "mine")
        #expect(object["n"] as? Int == 7)
        #expect(object["t"] as? String == "\"\\\n\r\t\u{1}")
        #expect((object["o"] as? [String: Any])?["k"] as? String == "1.5")
    }

    @Test("a logger's, a provider's and a call's metadata come together; levels below are not written")
    func handler() throws {
        let written = Mutex<[String]>([])
        var logger = Logger(label: "apus.test") { label in
            StandardErrorLogHandler(label: label, level: .warning, format: .text) { line in
                written.withLock { $0.append(line) }
            }
        }
        logger[metadataKey: "who"] = "me"
        logger.handler.metadataProvider = Logger.MetadataProvider { ["where": "here"] }
        logger.info("not this")
        logger.warning("this", metadata: ["what": "that"])
        let lines = written.withLock { $0 }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.hasSuffix(" warning apus.test: this what=that where=here who=me\n"))
        #expect(logger[metadataKey: "who"] == "me")
    }

    @Test("time is RFC 3339 in UTC")
    func time() {
        #expect(Timestamp.text(seconds: 0, milliseconds: 7) == "1970-01-01T00:00:00.007Z")
        #expect(Timestamp.text(seconds: 951_782_399, milliseconds: 999) == "2000-02-28T23:59:59.999Z")
        #expect(Timestamp.now().count == 24)
    }
}
