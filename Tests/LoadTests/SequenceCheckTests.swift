import Testing

@testable import apus_load

@Suite("What the load accepts as delivered")
struct SequenceCheckTests {
    private func stamp(_ sequence: Int, sender: Int = 0) -> Stamp {
        Stamp(sender: sender, sequence: sequence, due: 1)
    }

    @Test("Every sender counts up by one from 1, whatever the others do")
    func inOrder() throws {
        var check = SequenceCheck(senders: 2)
        for message in [stamp(1), stamp(1, sender: 1), stamp(2), stamp(3), stamp(2, sender: 1)] {
            try check.accept(message)
        }
    }

    @Test(
        "A gap, a repeat, a step back and an unknown sender are refused",
        arguments: [(4, 0), (2, 0), (1, 0), (1, 1)]
    )
    func refused(sequence: Int, sender: Int) throws {
        var check = SequenceCheck()
        try check.accept(stamp(1))
        try check.accept(stamp(2))
        #expect(throws: LoadError.self) { try check.accept(stamp(sequence, sender: sender)) }
    }

    @Test("The refusal says what is missing, and what came again")
    func sentences() throws {
        var last = 2
        #expect { try SequenceCheck.follow(5, after: &last, "offset") } throws: {
            "\($0)" == "offset: 5 came after 2: 2 missing before it"
        }
        #expect { try SequenceCheck.follow(2, after: &last, "offset") } throws: {
            "\($0)" == "offset: 2 came after 2: repeated, or out of order"
        }
        #expect(last == 2)
    }

    @Test("The hub's own offsets are checked with every delivery")
    func hubOffsets() throws {
        let peer = Peer(descriptor: -1, index: 0)
        var seen: [Int] = []
        func deliver(_ offset: Int, _ sequence: Int) throws {
            let text = stamp(sequence).text(padding: "xx")
            let line = #"{"room":"ticket:1","offset":\#(offset),"at":1,"by":"u","kind":"message","data":"\#(text)"}"#
            try Array(line.utf8).withUnsafeBytes { bytes in
                try Dialect.apus.deliveries(in: bytes, of: peer, size: text.utf8.count) { seen.append($0.sequence) }
            }
        }
        try deliver(1, 1)
        try deliver(2, 2)
        #expect(throws: LoadError.self) { try deliver(4, 3) }
        #expect(throws: LoadError.self) { try deliver(2, 3) }
        #expect(seen == [1, 2])
    }

    @Test("Several events in one message are each delivered")
    func lines() throws {
        let peer = Peer(descriptor: -1, index: 0)
        let text = stamp(1).text(padding: "")
        let lines = (1...3).map { #"{"room":"ticket:1","offset":\#($0),"data":"\#(text)"}"# }.joined(separator: "\n")
        var count = 0
        try Array(lines.utf8).withUnsafeBytes { bytes in
            try Dialect.apus.deliveries(in: bytes, of: peer, size: text.utf8.count) { _ in count += 1 }
        }
        #expect(count == 3)
        #expect(peer.offset == 3)
    }
}
