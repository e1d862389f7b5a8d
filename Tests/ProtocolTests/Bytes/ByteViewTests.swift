import HubProtocol
import Testing

@Suite("A view of bytes")
struct ByteViewTests {
    @Test("tells count, bytes and slices of what it was cut from")
    func slices() {
        lending("hello") { view in
            #expect(view.count == 5)
            #expect(!view.isEmpty)
            #expect(view[1] == UInt8(ascii: "e"))
            #expect(view[1..<3].string() == "el")
            #expect(view[5..<5].isEmpty)
            #expect(view.array() == [104, 101, 108, 108, 111])
        }
    }

    @Test("without bytes is empty, whatever pointer it has")
    func empty() {
        #expect(ByteView.empty.isEmpty)
        #expect(ByteView(UnsafeRawBufferPointer(start: nil, count: 0)) == .empty)
        #expect(ByteView.empty[0..<0] == .empty)
        #expect(ByteView.empty.string() == "")
        #expect(ByteView.empty.equals(""))
        #expect(ByteView.empty.starts(with: ""))
        #expect(!ByteView.empty.starts(with: "a"))
        #expect(ByteView.empty.firstIndex(of: 0) == nil)
        lending("x") { #expect($0[0..<0] == .empty) }
    }

    @Test("is equal to and hashes like the same bytes elsewhere")
    func equality() {
        lending("room:1") { one in
            lending("a room:1 b") { two in
                #expect(one == two[2..<8])
                #expect(one != two[1..<7])
                #expect(one != two)
                #expect(Set([one, two[2..<8]]).count == 1)
            }
        }
    }

    @Test(
        "compares with text byte by byte",
        arguments: [("ping", true), ("pin", false), ("pings", false), ("pong", false), ("", false)]
    )
    func comparesWithText(text: String, isEqual: Bool) {
        lending("ping") { view in
            #expect(view.equals(text) == isEqual)
            #expect(view.equals("ping" as StaticString))
            #expect(!view.equals("pang" as StaticString))
            #expect(!view.equals("pingo" as StaticString))
            #expect(view.starts(with: "pi"))
            #expect(!view.starts(with: "po"))
            #expect(!view.starts(with: "pingo"))
        }
    }

    @Test("finds the first of equal bytes")
    func firstIndex() {
        lending("a\nb\n") { view in
            #expect(view.firstIndex(of: UInt8(ascii: "\n")) == 1)
            #expect(view[2..<4].firstIndex(of: UInt8(ascii: "\n")) == 1)
            #expect(view.firstIndex(of: UInt8(ascii: "z")) == nil)
        }
    }

    @Test("makes text of ill-formed UTF-8 with replacement characters")
    func repairs() {
        lending([0x61, 0xff]) { #expect($0.string() == "a\u{fffd}") }
    }

    @Test("is appended to an array of bytes")
    func appends() {
        var bytes: [UInt8] = [1]
        lending([2, 3]) { bytes.append($0) }
        bytes.append(ByteView.empty)
        #expect(bytes == [1, 2, 3])
    }

    @Test("traps at an index outside instead of reading there")
    func traps() async {
        await #expect(processExitsWith: .failure) {
            _ = lending("abc") { $0[3] }
        }
        await #expect(processExitsWith: .failure) {
            _ = lending("abc") { $0[1..<4].count }
        }
    }
}
