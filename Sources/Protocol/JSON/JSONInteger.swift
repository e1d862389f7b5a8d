/// Reads the text of a JSON number as an integer.
public enum JSONInteger {
    /// The value of a plain integer: digits, perhaps a minus before them; no leading zero, point, exponent or
    /// `-0`. nil for every other number and for what does not fit 64 bits.
    public static func value(of number: ByteView) -> Int64? {
        guard !number.isEmpty else { return nil }
        let isNegative = number[0] == UInt8(ascii: "-")
        let first = isNegative ? 1 : 0
        guard first < number.count else { return nil }
        if number[first] == UInt8(ascii: "0") { return !isNegative && number.count == 1 ? 0 : nil }
        var value: Int64 = 0
        for index in first..<number.count {
            let digit = number[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (shifted, overShift) = value.multipliedReportingOverflow(by: 10)
            let (sum, overSum) = shifted.subtractingReportingOverflow(Int64(digit))
            guard !overShift, !overSum else { return nil }
            value = sum
        }
        // Summed up below zero, where the range is one wider.
        if isNegative { return value }
        return value == .min ? nil : -value
    }
}
