import HubProtocol
import Reactor

/// Makes frames of pushes, into buffers that are used over and over. One a loop.
///
/// Plain connections get a frame an object. Compressed ones get the objects of a turn as lines of one message,
/// as the contract allows, because a window without context has nothing to find in one small object
/// (two objects of a room share almost all of their member names).
final class FrameEncoder {
    private let codecs: DeflateCodecs
    private let floor: Int
    private var frames: [UInt8] = []
    private var message: [UInt8] = []
    private var compressed: [UInt8] = []

    /// Lines are joined up to about this many bytes, so that no message grows past what readers take.
    private let longestMessage = 64 << 10

    init(codecs: DeflateCodecs, floor: Int) {
        self.codecs = codecs
        self.floor = floor
    }

    /// The frames of these lines as one run; nil for connections that have a compression context of their own.
    func run(_ lines: some Collection<[UInt8]>, for encoding: FrameEncoding) -> ByteRun? {
        frames.removeAll(keepingCapacity: true)
        switch encoding {
        case .own: return nil
        case .plain:
            for line in lines { FrameEncoder.appendPlain(line, to: &frames) }
        case .deflated(let windowBits):
            appendDeflated(lines, windowBits: windowBits)
        }
        return ByteRun(copying: frames)
    }

    static func appendPlain(_ line: [UInt8], to frames: inout [UInt8]) {
        line.withUnsafeBytes { WebSocketFrame.appendText(ByteView($0), into: &frames) }
    }

    private func appendDeflated(_ lines: some Collection<[UInt8]>, windowBits: Int) {
        var index = lines.startIndex
        while index < lines.endIndex {
            let first = index
            message.removeAll(keepingCapacity: true)
            repeat {
                if !message.isEmpty { message.append(UInt8(ascii: "\n")) }
                message.append(contentsOf: lines[index])
                lines.formIndex(after: &index)
            } while index < lines.endIndex && message.count + lines[index].count < longestMessage
            guard message.count >= floor else {
                for line in lines[first..<index] { FrameEncoder.appendPlain(line, to: &frames) }
                continue
            }
            compressed.removeAll(keepingCapacity: true)
            message.withUnsafeBytes { codecs.deflate(ByteView($0), windowBits: windowBits, into: &compressed) }
            WebSocketFrame.appendHeader(
                opcode: .text,
                fin: true,
                rsv1: true,
                length: compressed.count,
                into: &frames
            )
            frames.append(contentsOf: compressed)
        }
    }
}

@available(*, unavailable)
extension FrameEncoder: Sendable {}
