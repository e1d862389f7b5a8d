@testable import HubProtocol

/// A client's reading side of RFC 6455: bytes in, frames out.
struct FrameReader {
    enum Frame: Equatable {
        case text([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        case close(UInt16?, String)
    }

    private var buffer: [UInt8] = []
    private var position = 0
    private let inflater = Inflater(windowBits: 15)
    private let keepsContext: Bool
    /// How many messages came compressed.
    private(set) var compressedMessages = 0

    init(keepsContext: Bool) {
        self.keepsContext = keepsContext
    }

    mutating func receive(_ bytes: some Collection<UInt8>) {
        if position == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            position = 0
        }
        buffer.append(contentsOf: bytes)
    }

    mutating func next() -> Frame? {
        guard buffer.count - position >= 2 else { return nil }
        let first = buffer[position]
        var length = Int(buffer[position + 1])
        var header = 2
        if length == 126 || length == 127 {
            let wide = length == 126 ? 2 : 8
            guard buffer.count - position >= 2 + wide else { return nil }
            length = buffer[(position + 2)..<(position + 2 + wide)].reduce(0) { $0 << 8 | Int($1) }
            header += wide
        }
        guard buffer.count - position >= header + length else { return nil }
        var payload = Array(buffer[(position + header)..<(position + header + length)])
        position += header + length
        if first & 0x40 != 0 { payload = inflate(payload) }
        switch first & 0x0F {
        case 0x9: return .ping(payload)
        case 0xA: return .pong(payload)
        case 0x8:
            let code = payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil
            return .close(code, String(decoding: payload.dropFirst(2), as: UTF8.self))
        default: return .text(payload)
        }
    }

    private mutating func inflate(_ payload: [UInt8]) -> [UInt8] {
        compressedMessages += 1
        var message = MessageBuffer()
        payload.withUnsafeBytes { bytes in
            try! inflater.append(ByteView(bytes), into: &message, limit: 64 << 20)
        }
        try! inflater.finish(into: &message, limit: 64 << 20)
        if !keepsContext { inflater.reset() }
        return message.view.array()
    }
}
