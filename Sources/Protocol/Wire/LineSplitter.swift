/// The lines of a frame: what lies between line feeds, empty lines left out.
///
/// Copies nothing; each line is valid as long as the frame. How many a frame may hold is the hub's to check.
public struct LineSplitter: Sequence, IteratorProtocol {
    private var rest: ByteView

    /// The lines of a frame's payload.
    public init(_ payload: ByteView) {
        rest = payload
    }

    /// The next line that is not empty.
    public mutating func next() -> ByteView? {
        while !rest.isEmpty {
            let length = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count
            let line = rest[0..<length]
            rest = rest[Swift.min(length + 1, rest.count)..<rest.count]
            if length > 0 { return line }
        }
        return nil
    }
}
