import ArgumentParser
import Glibc

/// One publisher, many subscribers, so many messages on their way: every delivery is checked for order and gaps.
struct FanOut: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "CPU of the server per delivered message.")

    @OptionGroup var target: Target

    @Option(help: "Subscribers.")
    var subscribers = 1000

    @Option(help: "Messages that are under way at a time.")
    var window = 1

    @Option(help: "Bytes of each message's data.")
    var size = 128

    @Option(help: "Seconds to measure.")
    var seconds = 3.0

    func validate() throws {
        guard subscribers > 0, window > 0, size >= 16 else {
            throw ValidationError("subscribers and window are at least 1, size at least 16")
        }
    }

    func run() throws {
        let tokens = try target.tokens(count: subscribers)
        let swarm = try Swarm(port: target.port)
        let room = "ticket:bench-\(getpid())"
        try swarm.join(subscribers, room: room) { tokens[$0] }

        let data = "\"\(String(repeating: "x", count: size - 2))\""
        var command = 1
        func publish() {
            command += 1
            let text =
                #"{"id":\#(command),"cmd":"send","room":"\#(room)","kind":"message","ack":"accepted","data":\#(data)}"#
            swarm.peers[0].send(text: text)
        }

        // Deliveries of each message, as a ring of the messages that are under way.
        var counts = [Int](repeating: 0, count: window * 2)
        var deliveries = 0
        var finished = 0
        func delivered(_ peer: Peer, _ payload: UnsafeRawBufferPointer) throws {
            guard let offset = FanOut.offset(of: payload) else { return }
            guard offset == peer.offset + 1 else {
                throw LoadError("offset \(offset) came after \(peer.offset)")
            }
            peer.offset = offset
            deliveries += 1
            counts[offset % counts.count] += 1
            if counts[offset % counts.count] == swarm.peers.count {
                counts[offset % counts.count] = 0
                finished += 1
                publish()
            }
        }

        for _ in 0..<window { publish() }
        let warm = FanOut.now() + 0.5
        try swarm.run(until: { FanOut.now() > warm }, delivered)

        let server = ServerProcess(id: target.pid)
        let (cpu, start, before, messages) = (try server.cpu(), FanOut.now(), deliveries, finished)
        let end = start + seconds
        try swarm.run(until: { FanOut.now() > end }, delivered)
        let used = try server.cpu() - cpu
        let count = Double(deliveries - before)
        let wall = FanOut.now() - start
        Report.write([
            ("scenario", .text("fan-out")), ("subscribers", .number(Double(subscribers))),
            ("window", .number(Double(window))), ("bytes", .number(Double(size))),
            ("messages_per_second", .number(Double(finished - messages) / wall)),
            ("deliveries_per_second", .number(count / wall)),
            ("cpu_us_per_delivery", .number(used.total * 1e6 / count)),
            ("user_us_per_delivery", .number(used.user * 1e6 / count)),
            ("system_us_per_delivery", .number(used.system * 1e6 / count)),
        ])
    }

    /// The offset of a kept event; nil for everything else.
    private static func offset(of payload: UnsafeRawBufferPointer) -> Int? {
        // {"room":"…","offset":…: the second member, behind the fourth quotation mark.
        guard payload.count > 20, payload[2] == UInt8(ascii: "r") else { return nil }
        var index = 9
        while index < payload.count, payload[index] != UInt8(ascii: "\"") { index += 1 }
        guard index + 11 < payload.count, payload[index + 3] == UInt8(ascii: "o"),
            payload[index + 4] == UInt8(ascii: "f")
        else { return nil }
        index += 11
        var value = 0
        while index < payload.count, payload[index] >= 48, payload[index] <= 57 {
            value = value * 10 + Int(payload[index] - 48)
            index += 1
        }
        return value
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
