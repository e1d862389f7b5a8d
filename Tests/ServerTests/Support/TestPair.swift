import CTLSPeer
import Foundation

/// A certificate and its key as PEM, made for a test.
struct TestPair {
    struct NotMade: Error {}

    let certificate: [UInt8]
    let key: [UInt8]

    init(daysLeft: Int = 90) throws {
        var certificateText = [CChar](repeating: 0, count: 4096)
        var keyText = certificateText
        guard apus_make_certificate(7, -60, daysLeft * 86_400 + 600, nil, &certificateText, &keyText, 4096) == 1 else {
            throw NotMade()
        }
        certificate = certificateText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        key = keyText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }
}
