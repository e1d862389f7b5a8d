import DequeModule

/// Answers that are given again to the same question for a while. Off unless a route asks for it.
///
/// The key is everything that an answer depends on: tenant, route, the providers in their configured order, and the whole
/// prompt as it would leave. Bounded by entries and bytes; the oldest go first. A value without a clock.
struct AnswerCache {
    /// What an answer depends on.
    struct Key: Hashable {
        var tenant: String
        var route: Int
        var system: String?
        var turns: [String]
    }

    /// A kept answer.
    struct Answer: Equatable {
        var text: String
        var provider: String
        var model: String
    }

    /// Most answers. Default 1000.
    let entries: Int
    /// Most bytes of texts and questions. Default 16 MiB.
    let bytes: Int
    private(set) var keptBytes = 0
    private var answers: [Key: (answer: Answer, until: Int64, number: UInt64)] = [:]
    private var ages: Deque<(key: Key, number: UInt64)> = []
    private var number: UInt64 = 0

    init(entries: Int = 1000, bytes: Int = 16 << 20) {
        self.entries = entries
        self.bytes = bytes
    }

    var count: Int { answers.count }

    /// The answer to this question, where it is young enough.
    mutating func find(_ key: Key, now: Int64) -> Answer? {
        guard let found = answers[key] else { return nil }
        guard now < found.until else {
            drop(key)
            return nil
        }
        return found.answer
    }

    /// Keeps an answer until `until`.
    mutating func keep(_ answer: Answer, for key: Key, until: Int64) {
        drop(key)
        number += 1
        answers[key] = (answer, until, number)
        ages.append((key, number))
        keptBytes += AnswerCache.size(key, answer)
        while answers.count > entries || keptBytes > bytes || ages.count > 2 * entries, let oldest = ages.popFirst() {
            if answers[oldest.key]?.number == oldest.number { drop(oldest.key) }
        }
    }

    /// What answers rest on has changed.
    mutating func removeAll() {
        answers = [:]
        ages = []
        keptBytes = 0
    }

    private mutating func drop(_ key: Key) {
        guard let old = answers.removeValue(forKey: key) else { return }
        keptBytes -= AnswerCache.size(key, old.answer)
    }

    private static func size(_ key: Key, _ answer: Answer) -> Int {
        answer.text.utf8.count + (key.system?.utf8.count ?? 0) + key.turns.reduce(0) { $0 + $1.utf8.count }
    }
}
