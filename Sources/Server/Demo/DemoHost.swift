/// Whether a Host header names this machine's loopback, as `localhost:8080`, `127.0.0.1` or `[::1]:8080`.
enum DemoHost {
    static func isLoopback(_ host: String) -> Bool {
        let name: Substring =
            if host.hasPrefix("[") {
                host.dropFirst().prefix { $0 != "]" }
            } else {
                host.prefix { $0 != ":" }
            }
        if name.lowercased() == "localhost" { return true }
        guard let bytes = AddressNetwork.bytes(of: String(name)) else { return false }
        return bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }
}
