import Reactor

/// How long a job waits before its next attempt.
///
/// 1 s after the first, doubled with each further one to at most 5 min, and shortened by up to a quarter, so that
/// jobs that failed together do not come back together.
enum JobRetry {
    /// The wait behind an attempt, counted from 1; `random` is 0..<1.
    static func wait(after attempt: Int, random: Double) -> Duration {
        let doubled = Duration.seconds(1) * (1 << min(max(attempt - 1, 0), 9))
        return min(doubled, .seconds(300)) * (1 - random / 4)
    }
}
