/// What texts in claims may look like.
enum ClaimText {
    /// UTF-8 of a length without control characters (C0, DEL, C1).
    static func isPlain(_ text: String, _ bytes: ClosedRange<Int>) -> Bool {
        bytes.contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }

    /// 1–64 bytes of `[A-Za-z0-9_.-]`.
    static func isTenant(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { isNameByte($0) && !":/@".utf8.contains($0) }
    }

    /// A room's name, or a beginning of one followed by `*`: 1–128 bytes of `[A-Za-z0-9_.:/@-]` before the star.
    static func isRoomPattern(_ text: String) -> Bool {
        let name = text.utf8.last == UInt8(ascii: "*") ? text.utf8.dropLast() : text.utf8[...]
        let least = name.count == text.utf8.count ? 1 : 0
        return (least...128).contains(name.count) && name.allSatisfy(isNameByte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "_.:/@-".utf8.contains(byte)
        }
    }
}
