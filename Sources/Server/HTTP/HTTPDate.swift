import Glibc

/// The Date header (RFC 9110 §5.6.7), made at most once a second. Confined to its loop.
struct HTTPDate {
    private var second = -1
    private var text = ""

    /// The header's value at a time.
    mutating func text(atMilliseconds milliseconds: Int64) -> String {
        let now = Int(milliseconds / 1000)
        if now != second {
            second = now
            text = HTTPDate.text(at: now)
        }
        return text
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(at seconds: Int) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String {
            number < 10 ? "0\(number)" : "\(number)"
        }
        let day =
            "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
        return "\(day) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
