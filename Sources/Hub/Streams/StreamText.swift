import HubProtocol

/// The text of one attempt of a stream: an append-only log of bytes and how many tokens it is.
///
/// Where each token ends is not kept. Marks, one about every 4 KiB, say at which places the text can be cut into
/// pieces with both counts known; any place that was handed out once (a `StreamCursor`) is another. Every place is
/// a token's edge, so no piece begins or ends inside a Unicode scalar. Pure.
struct StreamText {
    /// The whole text, UTF-8.
    private(set) var bytes: [UInt8] = []
    /// How many tokens it is: the index of the next one.
    private(set) var tokens: Int64 = 0
    private var marks: [Place] = []

    /// A token's edge.
    struct Place: Sendable, Hashable {
        var tokens: Int64
        var bytes: Int

        static let start = Place(tokens: 0, bytes: 0)
    }

    private static let markEvery = 4096

    init() {}

    /// A text that was kept on disk.
    init(bytes: [UInt8], tokens: Int64) {
        self.bytes = bytes
        self.tokens = tokens
        mark()
    }

    /// Where it ends.
    var end: Place { Place(tokens: tokens, bytes: bytes.count) }

    /// What came of an append.
    enum OnAppend: Equatable {
        /// Everything new is in; how many tokens that was.
        case taken(Int)
        /// Tokens before `from` are missing.
        case gap
        /// The text would have more bytes than it may; nothing was taken.
        case tooLarge
    }

    /// Takes the tokens from index `from` on; those that are there already are skipped.
    mutating func append(_ new: StreamTokens, from: Int64, limit: Int) -> OnAppend {
        guard from <= tokens else { return .gap }
        let known = Int(clamping: tokens - from)
        guard known < new.count else { return .taken(0) }
        let start = new.end(of: known)
        guard bytes.count + new.text.count - start <= limit else { return .tooLarge }
        if start == 0 {
            bytes.append(contentsOf: new.text)
        } else {
            bytes.append(contentsOf: new.text[start...])
        }
        tokens += Int64(new.count - known)
        mark()
        return .taken(new.count - known)
    }

    private mutating func mark() {
        guard bytes.count - (marks.last?.bytes ?? 0) >= StreamText.markEvery else { return }
        marks.append(end)
    }

    /// How far from `start` a piece of about `most` bytes reaches: the end, or the last mark within that, or, where
    /// there is none, the next one beyond it.
    func reach(from start: Place, atMost most: Int) -> Place {
        guard bytes.count - start.bytes > most else { return end }
        // Marks ascend; find the first one beyond what fits.
        var (low, high) = (0, marks.count)
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].bytes <= start.bytes + most { low = middle + 1 } else { high = middle }
        }
        if low > 0, marks[low - 1].bytes > start.bytes { return marks[low - 1] }
        return low < marks.count ? marks[low] : end
    }

    /// The last place that leaves at most `most` bytes before it; the start where a mark does not lie so low.
    func prefix(atMost most: Int) -> Place {
        if bytes.count <= most { return end }
        return marks.last { $0.bytes <= most } ?? .start
    }

    /// The bytes between two places.
    func withBytes<Result>(from: Place, to: Place, _ body: (ByteView) -> Result) -> Result {
        bytes.withUnsafeBytes { body(ByteView($0)[from.bytes..<to.bytes]) }
    }
}
