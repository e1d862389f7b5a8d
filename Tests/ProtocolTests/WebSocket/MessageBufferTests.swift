import Testing

@testable import HubProtocol

@Suite("Message buffer")
struct MessageBufferTests {
    @Test("it grows geometrically by what arrives")
    func grows() {
        var buffer = MessageBuffer()
        var capacities: Set<Int> = []
        for byte in 0..<10_000 {
            withUnsafeBytes(of: UInt8(truncatingIfNeeded: byte)) { buffer.append($0) }
            capacities.insert(buffer.capacity)
        }
        #expect(buffer.count == 10_000)
        #expect(buffer.capacity < 20_000)
        #expect(capacities.count < 12)
        #expect(buffer.view.array() == (0..<10_000).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test("forgetting keeps small memory and gives back large")
    func removesAll() {
        var buffer = MessageBuffer()
        [UInt8](repeating: 1, count: 1000).withUnsafeBytes { buffer.append($0) }
        buffer.removeAll(keeping: 2000)
        #expect(buffer.count == 0)
        #expect(buffer.capacity >= 1000)
        buffer.removeAll(keeping: 10)
        #expect(buffer.capacity == 0)
    }

    @Test("both ends can be taken off")
    func removesEnds() {
        var buffer = MessageBuffer()
        ([1, 2, 3, 4, 5] as [UInt8]).withUnsafeBytes { buffer.append($0) }
        buffer.removeFirst(2)
        buffer.removeLast(1)
        #expect(buffer.view.array() == [3, 4])
        #expect(buffer.view(from: 1).array() == [4])
        buffer.append(UnsafeRawBufferPointer(start: nil, count: 0))
        buffer.removeFirst(0)
        #expect(buffer.count == 2)
    }
}
