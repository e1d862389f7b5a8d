import CLinux
import Glibc

/// An `errno` value with its text.
struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    let code: Int32

    static var current: SystemError { SystemError(code: errno) }

    var description: String {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            guard let base = buffer.baseAddress else { return "error \(code)" }
            let text = base.assumingMemoryBound(to: CChar.self)
            guard apus_error_text(code, text, buffer.count) == 0 else { return "error \(code)" }
            return "\(String(cString: text)) (errno \(code))"
        }
    }
}
