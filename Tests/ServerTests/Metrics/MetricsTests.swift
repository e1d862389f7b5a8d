import Foundation
import Testing

@testable import HubCore
@testable import HubServer

@Suite("Metrics")
struct MetricsTests {
    private let metric = Metric(name: "apus_x_total", kind: .counter, help: "Things.")

    @Test("a metric has HELP and TYPE once, then its samples")
    func samples() {
        var text = MetricsText()
        text.append(metric, [([("loop", "0")], 1), ([("loop", "a\"\\\n")], 2.5)])
        let expected = """
            # HELP apus_x_total Things.
            # TYPE apus_x_total counter
            apus_x_total{loop="0"} 1
            apus_x_total{loop="a\\"\\\\\\n"} 2.5

            """
        #expect(text.text == expected)
    }

    @Test("a histogram counts up to +Inf, with sum and count")
    func histogram() {
        var text = MetricsText()
        let sizes = Metric(name: "apus_y_seconds", kind: .histogram, help: "Times.")
        text.appendHistogram(sizes, [([], [0.5, 1], [1, 2, 3], 7.5)])
        let expected = """
            # HELP apus_y_seconds Times.
            # TYPE apus_y_seconds histogram
            apus_y_seconds_bucket{le="0.5"} 1
            apus_y_seconds_bucket{le="1"} 3
            apus_y_seconds_bucket{le="+Inf"} 6
            apus_y_seconds_sum 7.5
            apus_y_seconds_count 6

            """
        #expect(text.text == expected)
    }

    @Test(
        "numbers that are none",
        arguments: [
            (Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e21, "1e+21"), (-3, "-3"),
        ]
    )
    func numbers(_ value: Double, _ text: String) {
        #expect(MetricsText.number(value) == text)
    }

    private func page() -> String {
        var page = MetricsPage()
        var shard = ShardMetrics()
        shard.closes = [1012: 3]
        page.shards = [shard]
        page.http = [HTTPCounters()]
        page.process = .read()
        return page.render()
    }

    private var names: [(name: String, kind: String)] {
        page().split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map {
            let parts = $0.split(separator: " ")
            return (String(parts[2]), String(parts[3]))
        }
    }

    @Test("every metric on the page has a line in docs/operations.md, and none else has")
    func documented() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/operations.md")
        let page = try String(contentsOf: path.standardized, encoding: .utf8)
        let documented = page.split(separator: "\n").filter { $0.hasPrefix("| `apus_") }.map {
            String($0.dropFirst(3).prefix { $0 != "`" })
        }
        #expect(documented.sorted() == names.map(\.name).sorted())
    }

    @Test("names tell the type: counters end in _total, and only they; each stands once")
    func naming() {
        #expect(Set(names.map(\.name)).count == names.count)
        for (name, kind) in names {
            #expect((kind == "counter") == name.hasSuffix("_total"), "\(name)")
            #expect(name.allSatisfy { $0.isLowercase || $0 == "_" }, "\(name)")
        }
    }

    @Test("every line is a comment or a sample")
    func format() throws {
        let sample = try Regex(#"[a-z_]+(\{([a-z]+="[^"]*",?)+\})? ([0-9.e+-]+|NaN|[+-]Inf)"#)
        for line in page().split(separator: "\n") where !line.hasPrefix("# ") {
            #expect(try sample.wholeMatch(in: line) != nil, "\(line)")
        }
        #expect(page().contains("apus_closes_total{code=\"1012\"} 3\n"))
    }

    @Test("the process has memory, descriptors and a limit on them")
    func process() {
        let figures = ProcessFigures.read()
        #expect(figures.residentBytes > 1 << 20)
        #expect(figures.openDescriptors >= 3)
        #expect(figures.descriptorLimit >= figures.openDescriptors)
        #expect(figures.cpuSeconds > 0)
    }
}
