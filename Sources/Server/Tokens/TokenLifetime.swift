/// A length of time as an operator writes it: `90s`, `15m`, `1h`, `7d`.
public enum TokenLifetime {
    /// The longest: ten years.
    public static let longest: Duration = .seconds(3650 * 86_400)

    /// Reads a lifetime; nil for what is none, is zero or is longer than the longest.
    public static func parse(_ text: String) -> Duration? {
        guard let unit = text.last, let seconds = ["s": 1, "m": 60, "h": 3_600, "d": 86_400][unit],
            let number = Int(text.dropLast()), number > 0, number <= 3650 * 86_400, text.first != "+"
        else { return nil }
        let lifetime = Duration.seconds(number * seconds)
        return lifetime <= longest ? lifetime : nil
    }
}
