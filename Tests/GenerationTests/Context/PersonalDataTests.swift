import Testing

@testable import Generation

struct PersonalDataTests {
    @Test(
        "addresses, phones and cards are masked, whatever surrounds them",
        arguments: [
            ("write to anna.b+x@mail.example.ru, please", "write to [email], please"),
            ("почта: иван@пример.рф.", "почта: [email]."), ("<a@b.co>", "<[email]>"),
            ("a@b.co;c@d.co", "[email];[email]"),
            ("звоните +7 (912) 345-67-89!", "звоните [phone]!"), ("8 912 345 67 89", "[phone]"),
            ("89123456789", "[phone]"),
            ("+14155550123", "[phone]"), ("(495) 123-45-67", "[phone]"), ("тел.+7-912-345-67-89", "тел.[phone]"),
            ("карта 4111 1111 1111 1111 до 12/27", "карта [card] до 12/27"), ("4111111111111111", "[card]"),
            ("5500-0000-0000-0004", "[card]"), ("2200 0000 0000 0004", "[card]"),
        ]
    )
    func masked(text: String, wanted: String) {
        #expect(PersonalData.mask(text) == wanted)
    }

    @Test(
        "what only looks like it stays",
        arguments: [
            "заказ 1234567890 от 12.05.2026", "order 4111111111111112", "a@b", "@anna", "me@", "v1.2.3", "12:30",
            "цена 12 500 ₽",
            "2026-05-12", "арт. 123456789012", "", "нет ничего", "abc1234567890123", "x@.y", "№ 42",
        ]
    )
    func kept(text: String) {
        #expect(PersonalData.mask(text) == text)
    }

    @Test("masking twice is masking once, and nothing but what was masked changes length for long texts")
    func stable() {
        let text = String(repeating: "Привет, 🚚 заказ 42. ", count: 2000) + "a@b.co"
        let masked = PersonalData.mask(text)
        #expect(masked == String(repeating: "Привет, 🚚 заказ 42. ", count: 2000) + "[email]")
        #expect(PersonalData.mask(masked) == masked)
    }
}
