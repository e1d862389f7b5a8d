import Glibc

/// A stretch of time in which the server's CPU is counted, and the load's own beside it: a load that is busy all the
/// time may be what limits the figures.
struct Interval {
    private let server: ServerProcess
    private let before: ServerProcess.CPU
    private let own: Double
    private let began = Clock.now

    init(_ server: ServerProcess) throws {
        self.server = server
        before = try server.cpu()
        own = Interval.ownCPU
    }

    var wall: Double { (Clock.now - began).seconds }

    /// CPU per operation in µs, what the server had of one core, and what the load had.
    func members(per name: String, count: Int) throws -> [(String, Report.Value)] {
        let wall = wall
        let used = try server.cpu() - before
        let operations = Double(max(count, 1))
        return [
            ("\(name)_count", .number(Double(count))),
            ("seconds", .number(wall)),
            ("\(name)_per_second", .number(Double(count) / wall)),
            ("cpu_us_per_\(name)", .number(used.total * 1e6 / operations)),
            ("user_us_per_\(name)", .number(used.user * 1e6 / operations)),
            ("system_us_per_\(name)", .number(used.system * 1e6 / operations)),
            ("server_cores", .number(used.total / wall)),
            ("load_cores", .number((Interval.ownCPU - own) / wall)),
            ("resident_mb", .number(Double(try server.residentBytes()) / 1_048_576)),
        ]
    }

    private static var ownCPU: Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
