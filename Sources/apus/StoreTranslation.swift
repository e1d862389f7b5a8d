import HubPersistence
import HubServer
import Logging

extension StoreConfiguration {
    /// The store's settings out of the server's.
    init(_ configuration: ServerConfiguration, logger: Logger) {
        self.init(folder: configuration.data)
        let settings = configuration.store
        synchronous = settings.synchronousFull ? .full : .normal
        commitInterval = settings.commitInterval
        commitWrites = settings.commitEvents
        lagWrites = settings.lagEvents
        lagBytes = settings.lagBytes
        lagTime = settings.lagAge
        retention = settings.retention.mapValues { Retention(days: $0.days, events: $0.events) }
        self.logger = logger
    }
}

extension StoreFigures {
    /// The store's figures in the form of the metrics page.
    init(_ metrics: StoreMetrics) {
        self.init()
        unreadableRooms = metrics.unreadableRooms
        unwritableRooms = metrics.unwritableRooms
        lagEvents = metrics.lagWrites
        lagBytes = metrics.lagBytes
        lagSeconds = metrics.lagTime / .seconds(1)
        commits = metrics.commits
        committedEvents = metrics.committedEvents
        committedReads = metrics.committedReads
        commitFailures = metrics.commitFailures
        batchSizes = Histogram(metrics.batchSizes, unit: 1)
        commitSeconds = Histogram(metrics.commitMicroseconds, unit: 1e-6)
        isSynchronousFull = metrics.synchronous == 2
        walBytes = metrics.walBytes
        databaseBytes = metrics.databaseBytes
        checkpointFailures = metrics.checkpointFailures
        expiredEvents = metrics.expiredEvents
        reads = metrics.reads
        readFaults = metrics.readFaults
        readsWaiting = metrics.readsWaiting
        readSeconds = Histogram(metrics.readMicroseconds, unit: 1e-6)
    }
}

extension StoreFigures.Histogram {
    fileprivate init(_ histogram: PowerHistogram, unit: Double) {
        self.init(
            bounds: histogram.buckets.indices.compactMap { histogram.upperBound(of: $0) }.map { Double($0) * unit },
            counts: histogram.buckets,
            sum: Double(histogram.sum) * unit
        )
    }
}
