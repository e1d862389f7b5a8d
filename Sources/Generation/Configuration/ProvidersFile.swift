import Foundation
import HubProtocol

/// The file of providers and routes: a JSON object `{"providers": […], "routes": […]}`; docs/providers.md has every member.
public struct ProvidersFile: Sendable {
    /// In the order of the file.
    public let providers: [ProviderEntry]
    /// The first that matches a room answers there.
    public let routes: [Route]

    /// No providers: everything is answered locally.
    public static let empty = ProvidersFile(providers: [], routes: [])

    init(providers: [ProviderEntry], routes: [Route]) {
        self.providers = providers
        self.routes = routes
    }

    /// Reads the file, and the keys that it names.
    ///
    /// Errors: by the member's path, without its value where that could be a key.
    public init(path: String, environment: [String: String], prompts: SystemPrompts) throws(ProvidersFileError) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw ProvidersFileError(path, "cannot be read")
        }
        try self.init(Array(bytes), environment: environment, prompts: prompts)
    }

    init(_ bytes: [UInt8], environment: [String: String], prompts: SystemPrompts) throws(ProvidersFileError) {
        let read = bytes.withUnsafeBytes { bytes in
            Result { () throws(ProvidersFileError) in
                try ProvidersFile.read(ByteView(bytes), environment, prompts)
            }
        }
        self = try read.get()
    }

    private static func read(
        _ text: ByteView,
        _ environment: [String: String],
        _ prompts: SystemPrompts
    ) throws(ProvidersFileError) -> ProvidersFile {
        var file = try FieldReader(text, path: "")
        var entries: [ProviderEntry] = []
        for var reader in try file.inners("providers") {
            let entry = try ProviderEntry(&reader, environment)
            guard entry.name != Route.local, !entries.contains(where: { $0.name == entry.name }) else {
                throw ProvidersFileError(reader.place("name"), "must be unique, and not «\(Route.local)»")
            }
            entries.append(entry)
        }
        var routes: [Route] = []
        for var reader in try file.inners("routes") {
            routes.append(try Route(&reader, Set(entries.map(\.name)), prompts))
        }
        try file.end()
        if routes.isEmpty, !entries.isEmpty {
            var route = Route()
            route.providers = entries.map(\.name)
            routes = [route]
        }
        return ProvidersFile(providers: entries, routes: routes)
    }
}
