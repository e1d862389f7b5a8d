import Foundation
import Testing

@testable import HubServer

@Suite("Web root")
struct WebRootTests {
    @Test("plain files directly in demo and js are served, nothing else")
    func reading() throws {
        try TemporaryFolder.with { folder in
            for name in [
                "demo/index.html", "demo/app.js", "js/apus.js", "js/.hidden", "js/deep/x.js", "other/x.js", "x.js",
            ] {
                _ = try folder.write(name, [UInt8](name.utf8))
            }
            _ = try folder.write("js/large.js", [UInt8](repeating: 0, count: WebRoot.mostBytes + 1))
            try FileManager.default.createSymbolicLink(
                atPath: folder.path("js/link.js"),
                withDestinationPath: "/etc/passwd"
            )
            let root = WebRoot(reading: folder.root)
            #expect(root.count == 3)
            #expect(root["demo/app.js"]?.body == [UInt8]("demo/app.js".utf8))
            #expect(root["js/link.js"] == nil)
            #expect(WebRoot(reading: folder.path("nothing")).count == 0)
        }
    }

    @Test("the setting, else beside or above the executable, else the working directory")
    func finding() throws {
        try TemporaryFolder.with { folder in
            _ = try folder.write("project/clients/demo/index.html", [])
            _ = try folder.write("project/.build/release/apus", [])
            let executable = folder.path("project/.build/release/apus")
            func find(_ setting: String = "", _ executable: String, _ directory: String) -> String? {
                WebRoot.find(setting: setting, executable: executable, workingDirectory: directory)
            }
            let clients = folder.path("project/clients")
            #expect(find("/set", executable, "/") == "/set")
            #expect(find("", executable, "/") == URL(filePath: clients).resolvingSymlinksInPath().path)
            #expect(find("", "/bin/apus", folder.path("project")) == clients)
            #expect(find("", "/bin/apus", folder.root) == nil)
            _ = try folder.write("usr/share/apus/clients/demo/index.html", [])
            #expect(find("", folder.path("usr/bin/apus"), "/") == folder.path("usr/share/apus/clients"))
        }
    }
}
