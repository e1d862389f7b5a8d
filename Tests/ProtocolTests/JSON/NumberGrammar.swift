/// The number grammar of RFC 8259 §6, written a second time as a table, to judge the scanner by.
enum NumberGrammar {
    private enum State { case start, minus, zero, whole, point, fraction, letter, sign, exponent }

    static func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
        var state = State.start
        for byte in bytes {
            guard let next = step(state, byte) else { return false }
            state = next
        }
        return [.zero, .whole, .fraction, .exponent].contains(state)
    }

    private static func step(_ state: State, _ byte: UInt8) -> State? {
        let character = Character(Unicode.Scalar(byte))
        switch (state, character) {
        case (.start, "-"): return .minus
        case (.start, "0"), (.minus, "0"): return .zero
        case (.start, "1"..."9"), (.minus, "1"..."9"), (.whole, "0"..."9"): return .whole
        case (.zero, "."), (.whole, "."): return .point
        case (.point, "0"..."9"), (.fraction, "0"..."9"): return .fraction
        case (.zero, "e"), (.zero, "E"), (.whole, "e"), (.whole, "E"), (.fraction, "e"), (.fraction, "E"):
            return .letter
        case (.letter, "+"), (.letter, "-"): return .sign
        case (.letter, "0"..."9"), (.sign, "0"..."9"), (.exponent, "0"..."9"): return .exponent
        default: return nil
        }
    }
}
