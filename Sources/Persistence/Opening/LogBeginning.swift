import Glibc

/// Looks whether the beginning of a write-ahead log hides commits from SQLite.
///
/// The file `…-wal` (https://sqlite.org/fileformat2.html#walformat), numbers big-endian:
///
///     header, 32 bytes    magic 0x377f0682 (checksums over little-endian words) or …83 (big-endian), version, page
///                         size, sequence, two salts, two checksums over the 24 bytes before them
///     frames, one behind the other, each 24 bytes and a page
///                         page number, pages of the database after a commit (0: none ends here), the header's salts,
///                         two checksums over the first 8 bytes and the page, which go on from the frame before
///
/// SQLite takes a log whose header is wrong for an empty one: after a crash everything that was not yet copied into
/// the database would be gone without a word. But frames vouch for each other without the header. Where those of the
/// first run do, and their pages are not what the database has, the log held commits that a start would lose. A header
/// that a power cut tore says nothing of that kind: SQLite writes one only over frames whose pages are all in the
/// database.
///
/// What it can't see: a log of a single frame, and one that is gone.
struct LogBeginning {
    private static let headerSize = 32
    private static let frameHeaderSize = 24

    private let log: CInt
    private let database: CInt
    private let pageSize: Int
    private let frames: Int

    /// Refuses to open a database whose log hides commits. Errors: what to do about it. Must be called before this
    /// process opens the database: closing a file drops the locks that the process has on it.
    static func check(_ path: String) throws(StoreOpenError) {
        let log = open(path + "-wal", O_RDONLY | O_CLOEXEC)
        guard log >= 0 else { return }
        defer { close(log) }
        let database = open(path, O_RDONLY | O_CLOEXEC)
        guard database >= 0 else { return }
        defer { close(database) }
        guard let beginning = LogBeginning(log, database), !beginning.hasSoundHeader else { return }
        let hidden = beginning.hiddenCommits
        guard hidden > 0 else { return }
        throw StoreOpenError(
            .damaged,
            "the beginning of \(path)-wal is damaged, which hides \(hidden) commits that the database does not have; "
                + "restore the newest copy, or take that file away to go on without them"
        )
    }

    private init?(_ log: CInt, _ database: CInt) {
        var status = stat()
        guard fstat(log, &status) == 0, let header = LogBeginning.read(database, 18, at: 0) else { return nil }
        let size = Int(header[16]) << 8 | Int(header[17])
        (self.log, self.database, pageSize) = (log, database, size == 1 ? 65_536 : size)
        guard pageSize >= 512 else { return nil }
        frames = (Int(status.st_size) - LogBeginning.headerSize) / (LogBeginning.frameHeaderSize + pageSize)
        guard frames > 0 else { return nil }
    }

    private var hasSoundHeader: Bool {
        guard let header = LogBeginning.read(log, LogBeginning.headerSize, at: 0) else { return true }
        let magic = LogBeginning.number(header, 0)
        guard magic & ~1 == 0x377f_0682 else { return false }
        var sums = Checksums(isBigEndian: magic & 1 == 1)
        sums.add(header[..<24])
        return sums.isStored(in: header, at: 24)
    }

    /// Commits of the first run of frames, where the database lacks a page of them.
    private var hiddenCommits: Int {
        // The damage may reach into the first frame.
        for first in 0...1 {
            for isBigEndian in [false, true] {
                let run = run(from: first, isBigEndian: isBigEndian)
                guard run.count > 1 else { continue }
                guard let last = run.lastIndex(where: \.endsCommit) else { return 0 }
                var newest: [UInt32: Int] = [:]
                for (index, frame) in run[...last].enumerated() { newest[frame.page] = first + index }
                let isMissing = newest.contains { page, frame in !isInDatabase(page, frame: frame) }
                return isMissing ? run[...last].count { $0.endsCommit } : 0
            }
        }
        return 0
    }

    private struct Frame {
        let page: UInt32
        let endsCommit: Bool
    }

    /// The frames from one on that vouch for each other; the first is taken for true.
    private func run(from first: Int, isBigEndian: Bool) -> [Frame] {
        var run: [Frame] = []
        var before: [UInt8] = []
        for index in first..<max(first, frames) {
            guard let frame = frame(index) else { break }
            if !before.isEmpty {
                var sums = Checksums(isBigEndian: isBigEndian, storedIn: before, at: 16)
                sums.add(frame[..<8])
                sums.add(frame[LogBeginning.frameHeaderSize...])
                guard frame[8..<16] == before[8..<16], sums.isStored(in: frame, at: 16) else { break }
            }
            run.append(
                Frame(page: LogBeginning.number(frame, 0), endsCommit: LogBeginning.number(frame, 4) != 0)
            )
            before = Array(frame[..<LogBeginning.frameHeaderSize])
        }
        return run
    }

    private func isInDatabase(_ page: UInt32, frame index: Int) -> Bool {
        guard page > 0, let frame = frame(index) else { return false }
        guard let there = LogBeginning.read(database, pageSize, at: (Int(page) - 1) * pageSize) else { return false }
        return there[...] == frame[LogBeginning.frameHeaderSize...]
    }

    private func frame(_ index: Int) -> [UInt8]? {
        let size = LogBeginning.frameHeaderSize + pageSize
        return LogBeginning.read(log, size, at: LogBeginning.headerSize + index * size)
    }

    private static func read(_ file: CInt, _ count: Int, at offset: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(file, &bytes, count, offset) == count ? bytes : nil
    }

    private static func number(_ bytes: [UInt8], _ index: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[index + $1]) }
    }

    /// The running checksums of a log, over pairs of words.
    private struct Checksums {
        private let isBigEndian: Bool
        private var first: UInt32 = 0
        private var second: UInt32 = 0

        init(isBigEndian: Bool) {
            self.isBigEndian = isBigEndian
        }

        init(isBigEndian: Bool, storedIn bytes: [UInt8], at index: Int) {
            self.isBigEndian = isBigEndian
            (first, second) = (LogBeginning.number(bytes, index), LogBeginning.number(bytes, index + 4))
        }

        mutating func add(_ bytes: ArraySlice<UInt8>) {
            bytes.withUnsafeBytes { bytes in
                for index in stride(from: 0, to: bytes.count & ~7, by: 8) {
                    first &+= word(bytes, index) &+ second
                    second &+= word(bytes, index + 4) &+ first
                }
            }
        }

        func isStored(in bytes: [UInt8], at index: Int) -> Bool {
            LogBeginning.number(bytes, index) == first && LogBeginning.number(bytes, index + 4) == second
        }

        private func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt32 {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)
            return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
        }
    }
}
