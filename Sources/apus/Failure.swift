import Generation
import HubPersistence
import HubServer
import Reactor

/// Why a command ends without success: a sentence for the operator and the status that scripts see.
///
/// Status 2: something the operator wrote is wrong. Status 1: the machine, the disk or the database refuses.
struct Failure: Error {
    let sentence: String
    let status: Int32

    /// Runs something and turns what it throws into a failure with the status it deserves.
    static func translating<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as ConfigurationError {
            throw Failure(sentence: error.description, status: 2)
        } catch let error as ProvidersFileError {
            throw Failure(sentence: "generation.providers_file: \(error.description)", status: 2)
        } catch let error as UpstreamStartFailure {
            throw Failure(sentence: "the upstream thread could not be started (error \(error.code))", status: 1)
        } catch let error as StoreOpenError {
            throw Failure(sentence: error.sentence, status: error.reason == .taken ? 2 : 1)
        } catch let error as TokenKeyFileError {
            throw Failure(sentence: error.description, status: 1)
        } catch let error as ListenError {
            throw Failure(sentence: error.description, status: 1)
        } catch let error as ReactorError {
            throw Failure(sentence: error.description, status: 1)
        }
    }
}
