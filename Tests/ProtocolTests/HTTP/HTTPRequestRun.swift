import Testing

@testable import HubProtocol

/// What a parser told, with its views copied and body pieces joined.
enum ReceivedHTTP: Equatable {
    case head(String)
    case body([UInt8])
    case end
    case failed(Int, String)
}

/// One way of running bytes through a fresh parser.
struct HTTPRequestRun {
    var limits = HTTPLimits(maxTargetBytes: 40, maxHeaderBytes: 160, maxHeaderCount: 6, maxBodyBytes: 20)

    func events(_ pieces: [[UInt8]]) -> [ReceivedHTTP] {
        var parser = HTTPRequestParser(limits: limits)
        var events: [ReceivedHTTP] = []
        for piece in pieces {
            DripFeed.lend(piece) { parser.receive(UnsafeRawBufferPointer($0)) }
            while let event = parser.next() {
                switch event {
                case .head(let head):
                    let fields = head.headers.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
                    events.append(.head("\(head.method) \(head.target) 1.\(head.minorVersion) \(fields)"))
                case .body(let view):
                    if case .body(let before) = events.last {
                        events[events.count - 1] = .body(before + view.array())
                    } else {
                        events.append(.body(view.array()))
                    }
                case .end: events.append(.end)
                case .failed(let rejection): events.append(.failed(rejection.status, rejection.sentence))
                }
            }
        }
        return events
    }

    /// The events, after holding every way of cutting the bytes against each other, alone and behind a neighbour.
    func verify(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> [ReceivedHTTP] {
        let bytes = Array(text.utf8)
        let alone = DripFeed.verify(bytes, sourceLocation: sourceLocation, decode: events)
        let before = "POST /before HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
        let merged = DripFeed.verify(Array(before.utf8) + bytes, sourceLocation: sourceLocation, decode: events)
        let expected: [ReceivedHTTP] = [
            .head("POST /before 1.1 Host=h;Content-Length=3"), .body(Array("abc".utf8)), .end,
        ]
        #expect(merged == expected + alone, sourceLocation: sourceLocation)
        return alone
    }

    func expectFailure(
        _ text: String,
        _ status: Int,
        _ word: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let events = verify(text, sourceLocation: sourceLocation)
        guard case .failed(let found, let sentence) = events.last else {
            Issue.record("no failure: \(events)", sourceLocation: sourceLocation)
            return
        }
        #expect(found == status, "\(sentence)", sourceLocation: sourceLocation)
        #expect(sentence.contains(word), "\(sentence)", sourceLocation: sourceLocation)
    }
}
