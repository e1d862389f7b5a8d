import Foundation
import JWTKit

@testable import HubServer

/// Makes tokens of every sort, good and bad, by hand: headers and payloads are taken as they are written.
enum TokenForge {
    static let secret = [UInt8](repeating: 7, count: 32)
    static let now = 1_750_000_000.0
    static let payload = #"{"sub":"u7","exp":1750003600,"roles":["operator"],"rooms":["ticket:*"],"name":"Аня"}"#

    static func base64url(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// A token whose signature comes from `sign`.
    static func token(header: String, payload: String = payload, sign: ([UInt8]) throws -> [UInt8]) rethrows -> String {
        let signed = base64url(header.utf8) + "." + base64url(payload.utf8)
        return signed + "." + base64url(try sign([UInt8](signed.utf8)))
    }

    /// A token signed with HMAC-SHA256, whatever its header says.
    static func hmac(
        header: String = #"{"alg":"HS256","typ":"JWT"}"#,
        payload: String = payload,
        secret: [UInt8] = secret
    ) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        let algorithm = try await keys.getKey()
        return try token(header: header, payload: payload) { try algorithm.sign($0) }
    }

    static func authenticator(issuer: String? = nil, audience: String? = nil) async throws -> TokenAuthenticator {
        TokenAuthenticator(
            keys: [try await .hs256(id: "local", secret: secret)],
            issuer: issuer,
            audience: audience,
            now: { now }
        )
    }
}
