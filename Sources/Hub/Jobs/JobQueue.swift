import HeapModule

/// The jobs of one tenant that are ready to be begun: by kind, the highest priority first, among equals the oldest.
///
/// Pure. Entries are not taken out when a job is cancelled: whoever takes one asks whether it still stands, and
/// whoever adds one looks that not too many of those gather.
struct JobQueue {
    /// A ready job's place.
    struct Entry: Comparable {
        let priority: Int
        let created: Int64
        let id: String

        /// "Less" is what goes first.
        static func < (left: Entry, right: Entry) -> Bool {
            if left.priority != right.priority { return left.priority > right.priority }
            return left.created != right.created ? left.created < right.created : left.id < right.id
        }
    }

    private var kinds: [String: Heap<Entry>] = [:]

    /// Adds a job that is ready.
    mutating func add(_ entry: Entry, kind: String) {
        kinds[kind, default: Heap()].insert(entry)
    }

    /// Takes the first job of any of these kinds for which `stands` holds; others on the way are dropped.
    mutating func take(_ wanted: [String], where stands: (String) -> Bool) -> String? {
        while let kind = wanted.filter({ kinds[$0]?.min != nil }).min(by: { first(of: $0) < first(of: $1) }) {
            let entry = kinds[kind]?.popMin()
            if kinds[kind]?.isEmpty == true { kinds[kind] = nil }
            if let entry, stands(entry.id) { return entry.id }
        }
        return nil
    }

    /// How many entries there are, those included that stand no more.
    var count: Int { kinds.values.reduce(0) { $0 + $1.count } }

    /// Drops entries for which `stands` does not hold, and second ones of the same job.
    mutating func prune(where stands: (String) -> Bool) {
        for (kind, entries) in kinds {
            var seen: Set<String> = []
            let left = entries.unordered.filter { stands($0.id) && seen.insert($0.id).inserted }
            kinds[kind] = left.isEmpty ? nil : Heap(left)
        }
    }

    private func first(of kind: String) -> Entry {
        kinds[kind]?.min ?? Entry(priority: .min, created: .max, id: "")
    }
}
