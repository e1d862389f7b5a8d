import Testing

@testable import HubProtocol

@Suite("Scratch memory")
struct ByteScratchTests {
    @Test("keeps what was written at its address until the reset")
    func keepsAddresses() {
        var scratch = ByteScratch()
        scratch.reset(capacity: 1000)
        var views: [ByteView] = []
        for number in 0..<100 {
            views.append(
                scratch.write(10) { space in
                    for index in 0..<10 { space[index] = UInt8(number) }
                    return number % 11
                }
            )
        }
        for number in 0..<100 {
            #expect(views[number].array() == [UInt8](repeating: UInt8(number), count: number % 11))
        }
    }

    @Test("grows at a reset, and gives no more than was announced, never a trap")
    func isBounded() {
        var scratch = ByteScratch()
        #expect(scratch.write(4) { _ in 4 }.isEmpty)
        scratch.reset(capacity: 4)
        #expect(scratch.write(300) { $0.count }.count == 256)
        #expect(scratch.write(1) { $0.count }.isEmpty)
        scratch.reset(capacity: 300)
        #expect(scratch.write(300) { $0.count }.count == 300)
        scratch.reset(capacity: 3)
        #expect(scratch.write(3) { _ in 99 }.count == 3)
        #expect(scratch.write(3) { _ in -1 }.isEmpty)
    }
}
