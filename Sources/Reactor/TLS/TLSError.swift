/// Why a certificate with its key cannot be used: which of the two files, and a sentence for the operator.
public struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which file it is about.
    public enum File: Hashable, Sendable {
        /// `TLSConfiguration.certificate`
        case certificate
        /// `TLSConfiguration.key`
        case key
    }

    /// Which file it is about.
    public let file: File

    /// A sentence that names the path, without a full stop.
    public let description: String

    init(_ file: File, _ description: String) {
        self.file = file
        self.description = description
    }
}
