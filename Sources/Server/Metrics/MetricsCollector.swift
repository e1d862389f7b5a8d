import HubCore

/// Asks everybody for their figures and renders the page. Isolation: any thread.
struct MetricsCollector: Sendable {
    let hub: Hub
    let store: any EventStore
    let storeFigures: @Sendable () -> StoreFigures
    let providerFigures: @Sendable () -> [ProviderFigures]
    let start: Start
    let certificate: ServerCertificate?

    func collect() async -> String {
        var page = MetricsPage()
        page.backend = start.backend
        page.startSeconds = start.seconds
        page.process = .read()
        page.shards = await hub.metrics()
        for service in start.services {
            if let report = await service.report() { page.http.append(report) }
        }
        page.certificate = certificate.map { CertificateFigures(expiry: $0.expiry, reloads: $0.reloads) }
        page.isStoreReady = store.condition == .ready
        page.store = storeFigures()
        page.providers = providerFigures()
        return page.render()
    }
}
