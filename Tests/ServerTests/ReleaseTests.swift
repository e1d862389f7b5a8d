import HubServer
import Testing

@Suite("Release")
struct ReleaseTests {
    @Test("the version is semantic")
    func version() {
        #expect(Release.version.split(separator: ".").count == 3)
    }
}
