import Glibc

/// What the kernel says about this process, read from /proc when asked.
struct ProcessFigures {
    var residentBytes = 0
    var openDescriptors = 0
    var descriptorLimit = 0
    var cpuSeconds = 0.0

    static func read() -> ProcessFigures {
        var figures = ProcessFigures()
        if let statm = firstLine(of: "/proc/self/statm") {
            let pages = statm.split(separator: " ")
            figures.residentBytes = (pages.count > 1 ? Int(pages[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
        }
        if let folder = opendir("/proc/self/fd") {
            while readdir(folder) != nil {
                figures.openDescriptors += 1
            }
            closedir(folder)
            // The two dot entries and the descriptor of this very look.
            figures.openDescriptors = max(0, figures.openDescriptors - 3)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.descriptorLimit = Int(clamping: limit.rlim_cur)
        }
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            figures.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
        return figures
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    private static func firstLine(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
