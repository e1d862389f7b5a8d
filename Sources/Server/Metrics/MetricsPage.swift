import HubCore
import HubProtocol
import Reactor

/// Everything that goes on the metrics page, taken at about one moment.
struct MetricsPage {
    var backend = ""
    var startSeconds = 0.0
    var process = ProcessFigures()
    var shards: [ShardMetrics] = []
    var http: [HTTPCounters] = []
    /// Nil without TLS.
    var certificate: CertificateFigures?
    var isStoreReady = true
    var store = StoreFigures()
    var providers: [ProviderFigures] = []

    func render() -> String {
        var text = MetricsText()
        appendProcess(to: &text)
        appendLoops(to: &text)
        appendTLS(to: &text)
        appendHTTP(to: &text)
        appendHub(to: &text)
        appendStreams(to: &text)
        appendStore(to: &text)
        appendJobs(to: &text)
        appendProviders(to: &text)
        return text.text
    }

    private func appendProcess(to text: inout MetricsText) {
        text.append(MetricsTable.build, [([("version", Release.version), ("backend", backend)], 1)])
        text.append(MetricsTable.startTime, startSeconds)
        text.append(MetricsTable.cpu, process.cpuSeconds)
        text.append(MetricsTable.memory, Double(process.residentBytes))
        text.append(MetricsTable.openFiles, Double(process.openDescriptors))
        text.append(MetricsTable.maxFiles, Double(process.descriptorLimit))
    }

    private func appendLoops(to text: inout MetricsText) {
        text.append(MetricsTable.connections, byLoop { Double($0.openConnections) })
        text.append(MetricsTable.accepts, byLoop { Double($0.accepts) })
        text.append(MetricsTable.acceptPauses, byLoop { Double($0.acceptPauses) })
        text.append(MetricsTable.received, byLoop { Double($0.bytesIn) })
        text.append(MetricsTable.sent, byLoop { Double($0.bytesOut) })
        text.append(MetricsTable.sends, byLoop { Double($0.sends) })
        text.append(MetricsTable.heldSends, byLoop { Double($0.heldSends) })
        text.append(MetricsTable.sparedSends, byLoop { Double($0.sparedSends) })
        text.append(MetricsTable.wakeUps, byLoop { Double($0.wakeUps) })
        text.append(MetricsTable.longestTurn, byLoop { Double($0.turnTimes.longestNanoseconds) / 1e9 })
        text.appendHistogram(
            MetricsTable.turns,
            shards.map { shard in
                let times = shard.statistics.turnTimes
                let counts = times.buckets.indices.map { times.buckets[$0] }
                let bounds = counts.indices.dropLast().map { Double(1 << $0) / 1e6 }
                return (loop(shard), bounds, counts, Double(times.totalNanoseconds) / 1e9)
            }
        )
    }

    private func appendTLS(to text: inout MetricsText) {
        text.append(MetricsTable.tlsHandshakes, byLoop { Double($0.tlsHandshakes) })
        text.append(MetricsTable.tlsResumed, byLoop { Double($0.tlsResumed) })
        text.append(
            MetricsTable.tlsFailures,
            TLSFailure.allCases.map { reason in
                let total = shards.reduce(0) { $0 + ($1.statistics.tlsFailures[reason] ?? 0) }
                return ([("reason", reason.rawValue)], Double(total))
            }
        )
        text.append(MetricsTable.certificateExpiry, certificate.map { [([], Double($0.expiry))] } ?? [])
        text.append(
            MetricsTable.certificateReloads,
            certificate.map {
                [
                    ([("outcome", "done")], Double($0.reloads.done)),
                    ([("outcome", "failed")], Double($0.reloads.failed)),
                ]
            } ?? []
        )
    }

    private func appendHTTP(to text: inout MetricsText) {
        let classes = (0..<5).map { index in
            let total = http.reduce(0) { $0 + $1.replies[index] }
            return (labels: [("status", "\(index + 1)xx")], value: Double(total))
        }
        text.append(MetricsTable.replies, classes)
        text.append(
            MetricsTable.refusedAccepts,
            HTTPCounters.Refusal.allCases.map { reason in
                ([("reason", reason.rawValue)], Double(http.reduce(0) { $0 + ($1.refused[reason] ?? 0) }))
            }
        )
        text.append(
            MetricsTable.limitedRequests,
            RouteLimits.allCases.map { kind in
                ([("route", String(describing: kind))], Double(http.reduce(0) { $0 + ($1.limited[kind] ?? 0) }))
            }
        )
        text.append(MetricsTable.upgrades, Double(http.reduce(0) { $0 + $1.upgrades }))
    }

    private func appendHub(to text: inout MetricsText) {
        text.append(MetricsTable.clients, byShard { Double($0.clients) })
        text.append(MetricsTable.rooms, byShard { Double($0.rooms) })
        text.append(MetricsTable.subscriptions, byShard { Double($0.subscriptions) })
        text.append(MetricsTable.lagging, byShard { Double($0.lagging) })
        text.append(MetricsTable.commands, byShard { Double($0.commands) })
        text.append(MetricsTable.malformed, byShard { Double($0.refusals) })
        text.append(MetricsTable.hellos, byShard { Double($0.hellos) })
        text.append(MetricsTable.accepted, byShard { Double($0.accepted) })
        text.append(MetricsTable.duplicates, byShard { Double($0.duplicates) })
        appendRefusals(to: &text)
        text.append(MetricsTable.deliveries, byShard { Double($0.deliveries) })
        text.append(MetricsTable.violations, byShard { Double($0.violations) })
        text.append(MetricsTable.tooSlow, byShard { Double($0.tooSlow) })
        var closes: [UInt16: UInt64] = [:]
        for shard in shards { closes.merge(shard.closes, uniquingKeysWith: +) }
        text.append(
            MetricsTable.closes,
            closes.sorted { $0.key < $1.key }.map { ([("code", String($0.key))], Double($0.value)) }
        )
    }

    private func appendRefusals(to text: inout MetricsText) {
        var refusals: [(labels: [(String, String)], value: Double)] = []
        for budget in RateBudget.allCases {
            for scope in RateScope.allCases {
                let count = shards.reduce(0) { $0 + $1.rateRefusals[scope, budget] }
                refusals.append(([("limit", budget.name), ("scope", scope.name)], Double(count)))
            }
        }
        text.append(MetricsTable.rateLimited, refusals)
        text.append(MetricsTable.waitRefusals, byShard { Double($0.waitRefusals) })
        text.append(MetricsTable.revocations, byShard { Double($0.revocations) })
        text.append(MetricsTable.revokedRefusals, byShard { Double($0.revokedRefusals) })
    }

    private func appendStreams(to text: inout MetricsText) {
        text.append(MetricsTable.openStreams, byShard { Double($0.openStreams) })
        text.append(MetricsTable.streamBytes, byShard { Double($0.streamBytes) })
        text.append(MetricsTable.streamsOpened, byShard { Double($0.streamsOpened) })
        text.append(MetricsTable.streamTokens, byShard { Double($0.streamTokens) })
        text.append(MetricsTable.streamDeltas, byShard { Double($0.streamDeltas) })
        text.append(MetricsTable.streamLags, byShard { Double($0.streamLags) })
        text.append(MetricsTable.streamCheckpoints, byShard { Double($0.streamCheckpoints) })
        text.append(MetricsTable.questions, byShard { Double($0.questions) })
        let states = StreamState.allCases.filter { $0 != .open }
        text.append(
            MetricsTable.streamsEnded,
            states.map { state in
                let ended = shards.reduce(0) { $0 + ($1.streamsEnded[state] ?? 0) }
                return ([("state", state.rawValue)], Double(ended))
            }
        )
    }

    private func appendStore(to text: inout MetricsText) {
        text.append(MetricsTable.storeReady, isStoreReady ? 1 : 0)
        text.append(MetricsTable.unreadableRooms, Double(store.unreadableRooms))
        text.append(MetricsTable.unwritableRooms, Double(store.unwritableRooms))
        text.append(MetricsTable.lagEvents, Double(store.lagEvents))
        text.append(MetricsTable.lagBytes, Double(store.lagBytes))
        text.append(MetricsTable.lagSeconds, store.lagSeconds)
        text.append(MetricsTable.commits, Double(store.commits))
        text.append(MetricsTable.committed, Double(store.committedEvents))
        text.append(MetricsTable.committedReads, Double(store.committedReads))
        text.append(MetricsTable.commitFailures, Double(store.commitFailures))
        text.append(MetricsTable.synchronous, store.isSynchronousFull ? 1 : 0)
        text.append(MetricsTable.wal, Double(store.walBytes))
        text.append(MetricsTable.database, Double(store.databaseBytes))
        text.append(MetricsTable.checkpointFailures, Double(store.checkpointFailures))
        text.append(MetricsTable.expired, Double(store.expiredEvents))
        text.append(MetricsTable.reads, Double(store.reads))
        text.append(MetricsTable.readFaults, Double(store.readFaults))
        text.append(MetricsTable.readsWaiting, Double(store.readsWaiting))
        for (metric, histogram) in [
            (MetricsTable.batchSizes, store.batchSizes), (MetricsTable.commitSeconds, store.commitSeconds),
            (MetricsTable.readSeconds, store.readSeconds),
        ] {
            text.appendHistogram(metric, [([], histogram.bounds, histogram.counts, histogram.sum)])
        }
    }

    private func appendJobs(to text: inout MetricsText) {
        let jobs = shards.lazy.compactMap(\.jobs).first ?? JobCounts()
        text.append(
            MetricsTable.jobsOpen,
            [([("state", "queued")], Double(jobs.queued)), ([("state", "running")], Double(jobs.running))]
        )
        text.append(MetricsTable.jobClaims, Double(jobs.claims))
        text.append(MetricsTable.jobsSubmitted, Double(jobs.submitted))
        text.append(
            MetricsTable.jobsEnded,
            JobState.allCases.filter(\.isEnd).map { ([("state", $0.rawValue)], Double(jobs.ended[$0] ?? 0)) }
        )
        text.append(MetricsTable.jobAttempts, Double(jobs.attempts))
        text.append(MetricsTable.jobAttemptsLost, Double(jobs.lost))
        text.append(MetricsTable.jobRetries, Double(jobs.retried))
        text.append(MetricsTable.jobWait, Double(jobs.waitMilliseconds) / 1000)
        text.append(MetricsTable.jobWaits, Double(jobs.waits))
        text.append(MetricsTable.jobRun, Double(jobs.runMilliseconds) / 1000)
        text.append(MetricsTable.jobRuns, Double(jobs.runs))
    }

    private func appendProviders(to text: inout MetricsText) {
        text.append(MetricsTable.providerRequests, byProvider { Double($0.requests) })
        text.append(MetricsTable.providerOpen, byProvider { Double($0.open) })
        text.append(MetricsTable.providerAnswers, byProvider { Double($0.answers) })
        text.append(MetricsTable.providerCancelled, byProvider { Double($0.cancelled) })
        text.append(MetricsTable.providerPaused, byProvider { $0.breaker == "open" ? 1 : 0 })
        text.append(
            MetricsTable.providerFailures,
            providers.flatMap { provider in
                provider.failures.map { ([("provider", provider.name), ("kind", $0.kind)], Double($0.count)) }
            }
        )
        text.append(
            MetricsTable.providerTokens,
            providers.flatMap { provider in
                [("in", provider.tokensIn), ("out", provider.tokensOut)].map {
                    ([("provider", provider.name), ("direction", $0.0)], Double($0.1))
                }
            }
        )
        text.append(
            MetricsTable.providerFirstToken,
            providers.compactMap { provider in
                provider.firstTokenSeconds.map { ([("provider", provider.name)], $0) }
            }
        )
    }

    private func byProvider(_ value: (ProviderFigures) -> Double) -> [(labels: [(String, String)], value: Double)] {
        providers.map { ([("provider", $0.name)], value($0)) }
    }

    private func byLoop(_ value: (LoopStatistics) -> Double) -> [(labels: [(String, String)], value: Double)] {
        shards.map { (loop($0), value($0.statistics)) }
    }

    private func byShard(_ value: (ShardMetrics) -> Double) -> [(labels: [(String, String)], value: Double)] {
        shards.map { (loop($0), value($0)) }
    }

    private func loop(_ shard: ShardMetrics) -> [(String, String)] {
        [("loop", String(shard.loop))]
    }
}
