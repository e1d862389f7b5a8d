import Foundation
import HubProtocol
import Testing

@testable import HubCore

@Suite struct PermissionsTests {
    /// A row of the table: a room, what the token says of it, and what each role may do there.
    struct Row: CustomStringConvertible {
        let room: RoomName
        let patterns: [String]
        let cells: [(role: Roles, actions: Set<RoomAction>)]
        let description: String
    }

    static let rows: [Row] = {
        let lines = try! String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        let table = lines.filter { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let roles = table[0].dropFirst(2).map { Roles(name: $0)! }
        return table.dropFirst(2).map { cells in
            let name = cells[0].trimmingCharacters(in: ["`"])
            let patterns: [String: [String]] = ["names it": [name], "names others": ["form:*"], "names none": []]
            return Row(
                room: RoomName(name),
                patterns: patterns[cells[1]]!,
                cells: zip(roles, cells.dropFirst(2)).map { ($0, actions[$1]!) },
                description: "\(name), token \(cells[1])"
            )
        }
    }()

    private static let actions: [String: Set<RoomAction>] = [
        "all": Set(RoomAction.allCases), "talk": [.read, .send, .signal, .ask, .cancel], "read": [.read], "–": [],
    ]

    private static var page: URL {
        var folder = URL(fileURLWithPath: #filePath)
        repeat {
            folder.deleteLastPathComponent()
        } while !FileManager.default.fileExists(atPath: folder.appendingPathComponent("docs/permissions.md").path)
        return folder.appendingPathComponent("docs/permissions.md")
    }

    static func person(_ roles: Roles, rooms: [String]) -> Principal {
        Principal(tenant: .default, user: "own", name: "O", roles: roles, rooms: rooms, expires: .max, tokenID: nil)
    }

    @Test func theTableHasEveryRoleAndEveryKindOfRoom() {
        #expect(Self.rows.count == 27)
        #expect(Self.rows.allSatisfy { $0.cells.map(\.role.names).flatMap(\.self) == Roles(rawValue: .max).names })
        #expect(
            Set(Self.rows.map { String($0.room.kind) })
                == ["ticket", "conversation", "job", "map", "queue", "user"]
        )
    }

    @Test(arguments: rows.indices) func everyRoleMayDoWhatTheTableSays(_ index: Int) {
        let row = Self.rows[index]
        for (role, actions) in row.cells {
            let person = Self.person(role, rooms: row.patterns)
            for action in RoomAction.allCases {
                #expect(
                    Permissions.allows(person, action, in: row.room) == actions.contains(action),
                    "\(role.names) \(action) in \(row)"
                )
            }
        }
    }

    @Test(arguments: rows.indices) func twoRolesAddUp(_ index: Int) {
        let row = Self.rows[index]
        for (first, some) in row.cells {
            for (second, others) in row.cells {
                let person = Self.person([first, second], rooms: row.patterns)
                for action in RoomAction.allCases {
                    let either = some.union(others).contains(action)
                    #expect(
                        Permissions.allows(person, action, in: row.room) == either,
                        "\(first.names)+\(second.names) \(action) in \(row)"
                    )
                }
            }
        }
    }

    @Test func withoutARoleThereIsOnlyTheOwnRoom() {
        let nobody = Self.person([], rooms: ["ticket:*"])
        #expect(Permissions.allows(nobody, .read, in: RoomName("user:own")))
        #expect(!Permissions.allows(nobody, .read, in: RoomName("ticket:42")))
        #expect(!Permissions.allows(nobody, .read, in: RoomName("user:own/notes")))
    }

    @Test func rolesKnowTheirNames() {
        #expect(Roles(name: "operator") == .operator)
        #expect(Roles(name: "root") == nil)
        #expect(([.admin, .user] as Roles).names == ["user", "admin"])
    }
}
