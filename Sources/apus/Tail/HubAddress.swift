import Foundation

/// Where a hub is, out of `http://…`, `ws://…` or `host:port`. The tool speaks no TLS.
struct HubAddress: Equatable {
    let host: String
    let port: Int

    init?(_ text: String) {
        let full = text.contains("://") ? text : "http://\(text)"
        guard let parts = URLComponents(string: full), let scheme = parts.scheme, ["http", "ws"].contains(scheme),
            let host = parts.host, !host.isEmpty
        else { return nil }
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        port = parts.port ?? 80
    }

    /// The Host header.
    var authority: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
