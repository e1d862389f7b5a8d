import HubProtocol

/// An input of the fuzzer: a few bytes that choose settings, then what is fed to the target. What is not there reads as 0.
struct FuzzInput {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isEmpty: Bool { offset == bytes.count }

    mutating func byte() -> UInt8 {
        guard offset < bytes.count else { return 0 }
        offset += 1
        return bytes[offset - 1]
    }

    /// Up to `count` bytes.
    mutating func take(_ count: Int) -> [UInt8] {
        let end = min(offset + count, bytes.count)
        defer { offset = end }
        return Array(bytes[offset..<end])
    }

    mutating func rest() -> [UInt8] {
        take(bytes.count)
    }
}

/// The ways a network may cut the same bytes.
enum Cuts {
    static func byteByByte(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.map { [$0] }
    }

    /// Pieces of 0 to 63 bytes, mostly short; the same for the same seed.
    static func random(_ bytes: [UInt8], seed: UInt8) -> [[UInt8]] {
        var state = UInt64(seed) &+ 1
        var pieces: [[UInt8]] = []
        var offset = 0
        while offset < bytes.count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let length = Int(state >> 58) >> Int(state >> 40 & 3)
            let end = min(offset + length, bytes.count)
            pieces.append(Array(bytes[offset..<end]))
            offset = end
        }
        return pieces
    }
}

/// Memory of exactly the bytes' size, so that AddressSanitizer sees a step beyond it; spoilt afterwards, so that a view
/// kept for too long is seen as well.
enum Lent {
    static func memory<Result>(
        _ bytes: [UInt8],
        _ body: (UnsafeMutableRawBufferPointer) throws(BrokenPromise) -> Result
    ) throws(BrokenPromise) -> Result {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer {
            memory.initializeMemory(as: UInt8.self, repeating: 0xEE)
            memory.deallocate()
        }
        memory.copyBytes(from: bytes)
        return try body(memory)
    }

    static func view<Result>(
        _ bytes: [UInt8],
        _ body: (ByteView) throws(BrokenPromise) -> Result
    ) throws(BrokenPromise) -> Result {
        try memory(bytes) { memory throws(BrokenPromise) in
            try body(ByteView(UnsafeRawBufferPointer(memory)))
        }
    }
}
