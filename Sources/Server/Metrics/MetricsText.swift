/// Writes the Prometheus text format, version 0.0.4: for each metric its HELP and TYPE once, then its samples.
struct MetricsText {
    /// The content type of what is written.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// A metric with one sample for each set of labels.
    mutating func append(_ metric: Metric, _ samples: [(labels: [(String, String)], value: Double)]) {
        appendHead(metric)
        for sample in samples {
            appendSample(metric.name, sample.labels, sample.value)
        }
    }

    /// A metric with a single sample.
    mutating func append(_ metric: Metric, _ value: Double) {
        append(metric, [([], value)])
    }

    /// A histogram: `counts[i]` observations were at most `bounds[i]`, and those behind the last bound come last.
    mutating func appendHistogram(
        _ metric: Metric,
        _ series: [(labels: [(String, String)], bounds: [Double], counts: [UInt64], sum: Double)]
    ) {
        appendHead(metric)
        for one in series {
            var total: UInt64 = 0
            for (index, count) in one.counts.enumerated() {
                total &+= count
                guard index < one.bounds.count else { continue }
                let bound = ("le", MetricsText.number(one.bounds[index]))
                appendSample(metric.name + "_bucket", one.labels + [bound], Double(total))
            }
            appendSample(metric.name + "_bucket", one.labels + [("le", "+Inf")], Double(total))
            appendSample(metric.name + "_sum", one.labels, one.sum)
            appendSample(metric.name + "_count", one.labels, Double(total))
        }
    }

    private mutating func appendHead(_ metric: Metric) {
        text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
    }

    private mutating func appendSample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.0)=\"\(MetricsText.escaped($0.1))\"" }.joined(separator: ",") + "}"
        }
        text += " \(MetricsText.number(value))\n"
    }

    static func escaped(_ label: String) -> String {
        label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.isNaN ? "NaN" : value == .infinity ? "+Inf" : value == -.infinity ? "-Inf" : String(value)
    }
}

/// A metric's name (with its unit and type), kind and help: the same line that docs/operations.md has.
struct Metric: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let name: String
    let kind: Kind
    let help: String
}
