import Foundation
import Generation
import HubCore
import HubServer
import Logging

/// What answers questions, made from the settings: the upstream thread and the assistant over it.
///
/// Owns the thread; it is stopped behind the loops, so that nobody asks it any more.
struct AnsweringParts {
    let assistant: GenerationAssistant?
    private let upstream: Upstream?

    /// None where no file of providers is set. Errors: the file, or a file that it names.
    init(_ configuration: ServerConfiguration, logger: Logger) throws {
        guard let (file, prompts) = try AnsweringParts.read(configuration) else {
            (assistant, upstream) = (nil, nil)
            return
        }
        let upstream = try Upstream()
        self.upstream = upstream
        assistant = GenerationAssistant(file, prompts: prompts, upstream: upstream, logger: logger)
        logger.info("questions are answered", metadata: [LogKey.providers: "\(file.providers.count)"])
    }

    /// The file of providers and the prompts it names; nil where none is set.
    static func read(_ configuration: ServerConfiguration) throws -> (ProvidersFile, SystemPrompts)? {
        guard let path = configuration.providersFile else { return nil }
        let prompts = try configuration.promptsFolder.map { try SystemPrompts(folder: $0) } ?? .none
        let environment = ProcessInfo.processInfo.environment
        return (try ProvidersFile(path: path, environment: environment, prompts: prompts), prompts)
    }

    /// Every provider's figures.
    func figures() -> [ProviderFigures] {
        assistant?.health.map { ProviderFigures($0) } ?? []
    }

    func stop() {
        upstream?.stop()
    }
}
