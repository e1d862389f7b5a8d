import Foundation
import Testing

@testable import HubServer

@Suite("Table of settings")
struct SettingsTableTests {
    @Test("keys and variables are unique")
    func unique() {
        #expect(Set(SettingsTable.all.map(\.key)).count == SettingsTable.all.count)
        #expect(Set(SettingsTable.all.map(\.variable)).count == SettingsTable.all.count)
    }

    @Test("every default fits its own kind", arguments: SettingsTable.all.filter { !$0.isPattern })
    func defaults(_ setting: Setting) {
        switch setting.kind {
        case .number(let bounds): #expect(Int(setting.standard).map(bounds.contains) == true)
        case .choice(let words): #expect(words.contains(setting.standard))
        case .flag: #expect(["true", "false"].contains(setting.standard))
        case .text, .list: break
        }
    }

    @Test("docs/configuration.md is what the table says")
    func page() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/configuration.md").standardized
        let page = try String(contentsOf: path, encoding: .utf8)
        #expect(page == SettingsDocument.render())
    }

    @Test("a pattern's star stands for one part that is not empty")
    func pattern() throws {
        let setting = try #require(SettingsTable.setting(for: "retention.ticket.days"))
        #expect(setting.key == "retention.*.days")
        #expect(setting.chosenPart(of: "retention.ticket.days") == "ticket")
        #expect(setting.chosenPart(of: "retention..days") == nil)
        #expect(setting.chosenPart(of: "retention.a.b.days") == nil)
        #expect(SettingsTable.setting(for: "retention.ticket.weeks") == nil)
    }
}
