import Foundation

/// What people and scripts read: results on stdout, complaints on stderr, each line written at once.
enum Console {
    static func say(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    static func complain(_ sentence: String) {
        write("apus: \(sentence)\n", to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = [UInt8](text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            sent += count
        }
    }
}
