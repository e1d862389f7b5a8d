import ArgumentParser
import Foundation
import HubCore
import HubServer

/// `apus token`: prints a token signed with the data folder's own key, and nothing else, to stdout.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make a token for a person or program.",
        discussion: "Signs with DIR/hs256.key, which is made where it is missing."
    )

    @Option(help: "Data folder of the hub.")
    var data = "./data"
    @Option(help: "The person: 1-128 bytes.")
    var user: String
    @Option(help: "A role; may be given several times.")
    var role: [String] = []
    @Option(help: "The tenant.")
    var tenant = "default"
    @Option(help: "How long it is good: 90s, 15m, 1h, 7d.")
    var ttl = "1h"
    @Option(help: "What others see; the user where it is left out.")
    var name: String?
    @Option(help: "A room or pattern such as 'ticket:*'; may be given several times.")
    var rooms: [String] = []
    @Option(help: "The iss claim, where the hub demands one.")
    var issuer: String?
    @Option(help: "The aud claim, where the hub demands one.")
    var audience: String?

    mutating func run() async throws {
        guard let lifetime = TokenLifetime.parse(ttl) else {
            throw Failure(sentence: "--ttl: must be a time such as 90s, 15m, 1h or 7d, at most ten years", status: 2)
        }
        if let unknown = role.first(where: { Roles(name: $0) == nil }) {
            throw Failure(sentence: "--role: there is no role '\(unknown)'", status: 2)
        }
        let claims: MintedClaims
        do {
            claims = try MintedClaims(
                user: user,
                tenant: tenant,
                name: name,
                roles: role.isEmpty ? ["user"] : role,
                rooms: rooms,
                now: TokenAuthenticator.clock(),
                lifetime: lifetime
            )
        } catch {
            throw Failure(sentence: error.sentence, status: 2)
        }
        let (folder, issuer, audience) = (data, issuer, audience)
        try await Failure.translating {
            try TokenCommand.makeFolder(folder)
            let secret = try SecretFile.readOrCreate("\(folder)/\(KeyRing.fileName)")
            let mint = await TokenMint(secret: secret, issuer: issuer, audience: audience)
            Console.say(try await mint.token(for: claims))
        }
    }

    private static func makeFolder(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw Failure(sentence: "the folder \(folder) cannot be made", status: 1)
        }
    }
}
