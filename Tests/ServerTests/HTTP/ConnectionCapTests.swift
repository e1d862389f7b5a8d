import Testing

@testable import HubServer

@Suite("Connections of the process")
struct ConnectionCapTests {
    @Test("so many at a time, and one more when one has left")
    func atOnce() {
        let cap = ConnectionCap(most: 2)
        #expect(cap.enter())
        #expect(cap.enter())
        #expect(!cap.enter())
        #expect(!cap.enter())
        cap.leave()
        #expect(cap.enter())
        #expect(!cap.enter())
    }

    @Test("without a number the limit on open files leaves room for everything else")
    func standard() {
        #expect(ConnectionCap.standard(openFiles: 1024) == 896)
        #expect(ConnectionCap.standard(openFiles: 96) == 72)
        #expect(ConnectionCap.standard(openFiles: 0) == 1)
        #expect(ConnectionCap(most: nil).most > 0)
    }
}
