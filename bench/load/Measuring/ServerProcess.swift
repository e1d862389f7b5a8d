import Glibc

/// What the kernel says about the server under load: all its processes together.
struct ServerProcess {
    let ids: [Int32]

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
        try ids.map { try ServerProcess.cpu(of: $0) }.reduce(CPU(user: 0, system: 0)) {
            CPU(user: $0.user + $1.user, system: $0.system + $1.system)
        }
    }

    /// Resident memory in bytes; pages that processes share count for each.
    func residentBytes() throws -> Int {
        try ids.map { try ServerProcess.residentBytes(of: $0) }.reduce(0, +)
    }

    private static func cpu(of id: Int32) throws -> CPU {
        let text = try read("/proc/\(id)/stat")
        guard let name = text.lastIndex(of: ")") else { throw LoadError("/proc/\(id)/stat makes no sense") }
        let fields = text[name...].split(separator: " ")
        let tick = Double(sysconf(Int32(_SC_CLK_TCK)))
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            throw LoadError("/proc/\(id)/stat makes no sense")
        }
        return CPU(user: user / tick, system: system / tick)
    }

    private static func residentBytes(of id: Int32) throws -> Int {
        let fields = try read("/proc/\(id)/statm").split(separator: " ")
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
