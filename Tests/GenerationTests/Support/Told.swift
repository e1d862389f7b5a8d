@testable import Generation

/// What a reader has said, folded.
struct Told: Equatable {
    var text = ""
    var rewrites = 0
    var usage = TokenUsage()
    var endings: [AnswerPiece] = []

    init() {}

    /// Feeds a reader pieces of a body, and its end.
    init(_ reader: any AnswerReader, _ pieces: [[UInt8]]) {
        var reader = reader
        for piece in pieces { take(reader.read(piece)) }
        take(reader.end())
        take(reader.end())
    }

    mutating func take(_ pieces: [AnswerPiece]) {
        for piece in pieces {
            switch piece {
            case .text(let more): text += more
            case .rewrite(let whole):
                text = whole
                rewrites += 1
            case .usage(let more): usage.update(more)
            case .finished, .failed: endings.append(piece)
            }
        }
    }
}
