import Glibc

/// What the kernel says about the server under load.
struct ServerProcess {
    let id: Int32

    /// CPU time of all threads since the start, in seconds.
    struct CPU {
        var user: Double
        var system: Double
        var total: Double { user + system }

        static func - (left: CPU, right: CPU) -> CPU {
            CPU(user: left.user - right.user, system: left.system - right.system)
        }
    }

    /// From /proc/PID/stat, fields 14 and 15, in ticks of the clock (10 ms): measure for seconds.
    func cpu() throws -> CPU {
        let text = try ServerProcess.read("/proc/\(id)/stat")
        guard let name = text.lastIndex(of: ")") else { throw LoadError("/proc/\(id)/stat makes no sense") }
        let fields = text[name...].split(separator: " ")
        let tick = Double(sysconf(Int32(_SC_CLK_TCK)))
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            throw LoadError("/proc/\(id)/stat makes no sense")
        }
        return CPU(user: user / tick, system: system / tick)
    }

    /// Resident memory in bytes.
    func residentBytes() throws -> Int {
        let fields = try ServerProcess.read("/proc/\(id)/statm").split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { throw LoadError("/proc/\(id)/statm makes no sense") }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw LoadError("\(path) cannot be read: is the server running?") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[0..<count], as: UTF8.self)
    }
}
