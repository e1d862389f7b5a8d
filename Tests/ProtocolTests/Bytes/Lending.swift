import HubProtocol

/// Lends bytes as a view for the length of `body`.
@discardableResult
func lending<Result>(_ bytes: [UInt8], _ body: (ByteView) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBytes { try body(ByteView($0)) }
}

/// Lends the UTF-8 of a text as a view for the length of `body`.
@discardableResult
func lending<Result>(_ text: String, _ body: (ByteView) throws -> Result) rethrows -> Result {
    try lending([UInt8](text.utf8), body)
}
