extension JSONScanner {
    /// Scans the number that starts at `position` with a digit or a minus.
    mutating func number() throws(JSONFault) -> JSONToken.Kind {
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if try peek() == UInt8(ascii: "0") {
            position += 1
            if position < end, isDigit(bytes[position]) { throw JSONFault(.malformedNumber, at: position) }
        } else {
            try digits()
        }
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            let sign = try peek()
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return .number
    }

    /// Scans one digit or more.
    private mutating func digits() throws(JSONFault) {
        guard isDigit(try peek()) else { throw JSONFault(.malformedNumber, at: position) }
        while position < end, isDigit(bytes[position]) { position += 1 }
    }

    @inline(__always)
    private func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }
}
