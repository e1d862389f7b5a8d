/// The keys that a room's memory has let go since it was complete, as a Bloom filter: says of a key that it is certainly
/// not among them, or that it may be.
///
/// Ten bits a key and six of them set: about one new key in a hundred is taken for an old one, which then costs a look
/// at the disk, never a wrong answer. It grows in layers, each twice as large as the one before, from 1 KiB (819 keys) to
/// its limit (127 KiB and 104 000 keys where that is 128 KiB); over that it is full and says "may be" to all. Hashes are seeded by the process,
/// so no peer can choose keys that collide.
struct KeyFilter {
    private var layers: [Layer] = []
    private(set) var isFull = false

    private let limit: Int

    private static let firstWords = 128

    /// - Parameter limit: the most bytes it may take.
    init(limit: Int) {
        self.limit = limit
    }

    /// Bytes it takes.
    var bytes: Int { layers.reduce(0) { $0 + $1.words.count * 8 } }

    mutating func insert(_ key: SendKey) {
        guard !isFull else { return }
        if layers.last.map({ $0.room == 0 }) ?? true {
            let words = layers.last.map { $0.words.count * 2 } ?? Self.firstWords
            guard bytes + words * 8 <= limit else {
                isFull = true
                layers = []
                return
            }
            layers.append(Layer(words: words))
        }
        layers[layers.count - 1].insert(Self.hash(key))
    }

    func mayContain(_ key: SendKey) -> Bool {
        guard !isFull else { return true }
        let hash = Self.hash(key)
        return layers.contains { $0.mayContain(hash) }
    }

    private static func hash(_ key: SendKey) -> UInt64 {
        UInt64(bitPattern: Int64(key.hashValue))
    }

    /// A filter of a fixed size, a power of two of words.
    private struct Layer {
        var words: [UInt64]
        /// Keys that it still takes.
        var room: Int

        private static let bitsPerKey = 10
        private static let probes: UInt64 = 6

        init(words count: Int) {
            words = Array(repeating: 0, count: count)
            room = count * 64 / Self.bitsPerKey
        }

        mutating func insert(_ hash: UInt64) {
            for probe in 0..<Self.probes {
                let bit = place(hash, probe)
                words[bit / 64] |= 1 << UInt64(bit % 64)
            }
            room -= 1
        }

        func mayContain(_ hash: UInt64) -> Bool {
            (0..<Self.probes).allSatisfy { probe in
                let bit = place(hash, probe)
                return words[bit / 64] & 1 << UInt64(bit % 64) != 0
            }
        }

        /// Double hashing with the hash's two halves; an odd step visits every bit.
        private func place(_ hash: UInt64, _ probe: UInt64) -> Int {
            let step = hash >> 32 | 1
            return Int(truncatingIfNeeded: (hash &+ probe &* step) & UInt64(words.count * 64 - 1))
        }
    }
}
