import Testing

@testable import HubProtocol

@Suite("Names of members")
struct MemberTests {
    @Test("are found each by its own name", arguments: Member.allCases)
    func found(member: Member) {
        lending(member.name) { #expect(Member.named($0) == member) }
    }

    @Test("are found by no other", arguments: Member.allCases)
    func notFound(member: Member) {
        let name = member.name
        for name in [name + "~", name.dropLast() + "~", name.uppercased(), "~" + name.dropFirst(), "~" + name] {
            lending(name) { #expect(Member.named($0) == nil) }
        }
        for letter in Set(Member.allCases.compactMap(\.name.first)) {
            let name = String(letter) + String(repeating: "~", count: member.name.count - 1)
            lending(name) { #expect(Member.named($0) == nil) }
        }
    }
}
