/// Takes what identifies people out of a text before it leaves the house: addresses of e-mail, telephone numbers and card
/// numbers become `[email]`, `[phone]` and `[card]`.
///
/// - An address: a local part, `@`, and a domain with a dot.
/// - A card: 13 to 19 digits in groups (spaces or hyphens between), whose check digit is right (Luhn, ISO/IEC 7812-1).
/// - A phone: 10 to 15 digits, with `+` or a grouping by spaces, hyphens, dots or parentheses, or 11 digits that begin with
///   7 or 8. Plain runs of digits are order numbers as often, and stay.
enum PersonalData {
    static func mask(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "@") || (0x30...0x39).contains($0) }) else { return text }
        return maskNumbers(maskAddresses(Array(text)))
    }

    // MARK: E-mail

    private static func maskAddresses(_ text: [Character]) -> [Character] {
        var out: [Character] = []
        var index = 0
        while index < text.count {
            guard text[index] == "@" else {
                out.append(text[index])
                index += 1
                continue
            }
            let local = out.reversed().prefix { isLocal($0) }.count
            let end = domainEnd(text, from: index + 1)
            if local > 0, let end {
                out.removeLast(local)
                out.append(contentsOf: "[email]")
                index = end
            } else {
                out.append("@")
                index += 1
            }
        }
        return out
    }

    private static func isLocal(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "._%+-'".contains(character)
    }

    /// Behind a domain of at least two labels that starts here; nil where there is none.
    private static func domainEnd(_ text: [Character], from start: Int) -> Int? {
        var end = start
        while end < text.count, text[end].isLetter || text[end].isNumber || text[end] == "-" || text[end] == "." {
            end += 1
        }
        while end > start, text[end - 1] == "." || text[end - 1] == "-" { end -= 1 }
        guard end > start, text[start] != ".", text[start..<end].contains(".") else { return nil }
        return end
    }

    // MARK: Numbers

    private static func maskNumbers(_ text: [Character]) -> String {
        var out = ""
        var index = 0
        while index < text.count {
            guard startsNumber(text, index), let number = Number(text, from: index) else {
                out.append(text[index])
                index += 1
                continue
            }
            if let word = number.word {
                out += word
            } else {
                out.append(contentsOf: text[index..<number.end])
            }
            index = number.end
        }
        return out
    }

    private static func startsNumber(_ text: [Character], _ index: Int) -> Bool {
        guard text[index].isDigit || text[index] == "+" || text[index] == "(" else { return false }
        guard index > 0 else { return true }
        return !(text[index - 1].isLetter || text[index - 1].isNumber || text[index - 1] == "+")
    }

    /// Digits with what may group them, up to the last digit.
    private struct Number {
        var end: Int
        private var digits: [Int] = []
        private var isGrouped = false
        private var hasPlus = false
        private var isCardLike = true

        init?(_ text: [Character], from start: Int) {
            end = start
            var separators = 0
            for index in start..<text.count {
                let character = text[index]
                if character.isDigit, let digit = character.wholeNumberValue {
                    if separators > 0, !digits.isEmpty { isGrouped = true }
                    separators = 0
                    digits.append(digit)
                    end = index + 1
                } else if character == "+", index == start {
                    hasPlus = true
                } else if " -.()\u{a0}".contains(character), separators < 2 {
                    separators += 1
                    if character != " " && character != "-" && character != "\u{a0}" { isCardLike = false }
                } else {
                    break
                }
            }
            guard !digits.isEmpty else { return nil }
            // A word that goes on behind the digits is a name, not a number.
            if end < text.count, text[end].isLetter { digits = [] }
        }

        var word: String? {
            if isCardLike, !hasPlus, (13...19).contains(digits.count), passesLuhn { return "[card]" }
            guard (10...15).contains(digits.count) else { return nil }
            let isPlain = !hasPlus && !isGrouped
            let isNational = digits.count == 11 && (digits[0] == 7 || digits[0] == 8)
            return isPlain && !isNational ? nil : "[phone]"
        }

        private var passesLuhn: Bool {
            var sum = 0
            for (place, digit) in digits.reversed().enumerated() {
                let value = place % 2 == 1 ? digit * 2 : digit
                sum += value > 9 ? value - 9 : value
            }
            return sum % 10 == 0
        }
    }
}

extension Character {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
