import Foundation
import Synchronization
import Testing

@testable import Generation

@Suite(.timeLimit(.minutes(1)))
struct UpstreamTests {
    let upstream: TestUpstream
    let standIn = StandIn.shared

    init() throws {
        upstream = try TestUpstream()
    }

    @Test("a response comes as head, bytes and end")
    func whole() async {
        let response = await upstream.fetch(.toChat("text=hello"))
        #expect(response.status == 200)
        #expect(response.failure == nil)
        #expect(response.fields.contains { $0.name == "x-request-id" && $0.value == "req_1" })
        #expect(response.text.hasSuffix("data: [DONE]\n\n"))
    }

    @Test("hundreds of transfers go on at once, each whole")
    func many() async {
        let texts = await withTaskGroup(of: String?.self, returning: [String?].self) { group in
            for index in 0..<300 {
                group.addTask {
                    let response = await upstream.fetch(.toChat("id=many\(index),text=n\(index)n,pace=1"))
                    return response.failure == nil && response.text.contains("n\(index)n") ? "whole" : response.text
                }
            }
            var texts: [String?] = []
            for await text in group { texts.append(text) }
            return texts
        }
        #expect(texts.count == 300)
        #expect(texts.allSatisfy { $0 == "whole" })
    }

    @Test("a loopback address is refused unless it is configured, also over a connection that is open already")
    func loopback() async {
        var request = UpstreamRequest.toChat("id=loopback")
        #expect(await upstream.fetch(request).status == 200)
        request.addresses = .publicOnly
        #expect(await upstream.fetch(request).failure == .addressRefused)
        let cold = try? TestUpstream()
        #expect(await cold?.fetch(request).failure == .addressRefused)
        request.url = request.url.replacing("127.0.0.1", with: "localhost")
        #expect(await upstream.fetch(request).failure == .addressRefused)
        request.url = request.url.replacing("localhost", with: "[::ffff:127.0.0.1]")
        #expect(await upstream.fetch(request).failure == .addressRefused)
    }

    @Test("a redirect to an address that is not allowed is refused")
    func redirectToPrivate() async throws {
        let target = standIn.address.replacing("127.0.0.1", with: "127.0.0.2").replacing("/", with: "%2F")
        var request = UpstreamRequest.toChat("redirect=\(target)%2Fopenai%2Fok%2Fchat%2Fcompletions")
        request.addresses = .allowing([try #require(AddressRange("127.0.0.1"))])
        #expect(await upstream.fetch(request).status == 307)
        request.redirects = 3
        #expect(await upstream.fetch(request).failure == .addressRefused)
    }

    @Test("an allowed redirect is followed, and only the last head is told")
    func redirect() async {
        let target = standIn.base("openai", "id=behind").replacing("/", with: "%2F")
        var request = UpstreamRequest.toChat("redirect=\(target)%2Fchat%2Fcompletions")
        request.redirects = 3
        let response = await upstream.fetch(request)
        #expect(response.status == 200)
        #expect(!response.fields.contains { $0.name == "location" })
    }

    @Test("an address that is none, and a header with a line break, fail before anything is sent")
    func invalid() async {
        let bad = await upstream.fetch("GET", "file:///etc/passwd")
        #expect(bad.failure == .invalidRequest("Unsupported protocol"))
        var request = UpstreamRequest.toChat("id=invalid")
        request.headers.append((name: "X", value: "a\r\nHost: evil"))
        #expect(await upstream.fetch(request).failure == .invalidRequest("a header with a control character"))
    }

    @Test("nobody listens: unreachable")
    func unreachable() async {
        guard case .unreachable = await upstream.fetch("GET", "http://127.0.0.1:1/").failure else {
            Issue.record("not unreachable")
            return
        }
    }

    @Test("a transfer over its time limit ends as timed out")
    func timeout() async throws {
        var request = UpstreamRequest.toChat("id=timeout,hang=head")
        request.totalTimeout = .milliseconds(50)
        #expect(await upstream.fetch(request).failure == .timedOut)
        #expect(try await standIn.ended("openai", "id=timeout,hang=head", on: upstream)[0].end == "gone")
    }

    @Test("a head over its limit ends the transfer")
    func largeHead() async {
        #expect(await upstream.fetch(.toChat("head-bytes=60000")).status == 200)
        #expect(await upstream.fetch(.toChat("head-bytes=70000")).failure == .headTooLarge)
    }

    @Test("a connection that ends within the response is a cut, and what came stays")
    func cut() async {
        let response = await upstream.fetch(.toChat("cut=character"))
        guard case .cut = response.failure else {
            Issue.record("not cut: \(String(describing: response.failure))")
            return
        }
        #expect(response.text.contains("chat.completion.chunk"))
    }

    @Test("a cancelled transfer's connection is closed at once, and its handler hears nothing more")
    func cancel() async throws {
        let script = "id=cancel,hang=3"
        let heard = Mutex(0)
        let upstream = upstream
        let id: UpstreamLoop.TransferID = await withCheckedContinuation { continuation in
            let told = Mutex(false)
            upstream.upstream.post { loop in
                let id = Mutex<UpstreamLoop.TransferID?>(nil)
                let started = loop.start(.toChat(script)) { _ in
                    heard.withLock { $0 += 1 }
                    let isFirst = told.withLock { told in
                        defer { told = true }
                        return !told
                    }
                    if isFirst, let id = id.withLock({ $0 }) { continuation.resume(returning: id) }
                }
                id.withLock { $0 = started }
            }
        }
        _ = try await standIn.sent("openai", script, tokens: 3, on: upstream)
        let before = await upstream.upstream.ask { loop in
            loop.cancel(id)
            return heard.withLock { $0 }
        }
        let seen = try await standIn.ended("openai", script, on: upstream)
        #expect(seen.map(\.end) == ["gone"])
        #expect(heard.withLock { $0 } == before)
        #expect(await upstream.upstream.ask { $0.openTransfers } == 0)
    }

    @Test("a paused transfer brings nothing until it goes on, and then everything")
    func pause() async {
        let upstream = upstream
        let gathered = Mutex(TestUpstream.Response())
        let end = AsyncStream<Void>.makeStream()
        let begun = AsyncStream<UpstreamLoop.TransferID>.makeStream()
        upstream.upstream.post { loop in
            let id = Mutex<UpstreamLoop.TransferID?>(nil)
            let started = loop.start(.toChat("id=pause,repeat=2000")) { event in
                let isFirst = gathered.withLock { $0.body.isEmpty }
                let isOver = gathered.withLock { $0.take(event) }
                if isOver { end.continuation.finish() }
                if case .bytes = event, isFirst, let id = id.withLock({ $0 }) {
                    loop.pause(id, true)
                    begun.continuation.yield(id)
                }
            }
            id.withLock { $0 = started }
        }
        var starts = begun.stream.makeAsyncIterator()
        guard let id = await starts.next() else { return }
        // What libcurl had told before it was paused is still dispatched in that turn.
        let before = await upstream.upstream.ask { _ in gathered.withLock { $0.body.count } }
        for _ in 0..<5 { #expect(await upstream.fetch(.toChat("id=meanwhile")).failure == nil) }
        #expect(gathered.withLock { $0.body.count } == before)
        upstream.upstream.post { $0.pause(id, false) }
        for await _ in end.stream {}
        #expect(gathered.withLock { $0.failure } == nil)
        #expect(gathered.withLock { $0.text.hasSuffix("data: [DONE]\n\n") })
        #expect(gathered.withLock { $0.body.count } > 2_000_000)
    }

    @Test("timers run in the order of their moments, and not when taken back")
    func timers() async {
        let order = Mutex<[Int]>([])
        let done = AsyncStream<Void>.makeStream()
        upstream.upstream.post { loop in
            _ = loop.schedule(after: .milliseconds(4)) {
                order.withLock { $0.append(2) }
                done.continuation.finish()
            }
            _ = loop.schedule(after: .milliseconds(2)) { order.withLock { $0.append(1) } }
            let taken = loop.schedule(after: .milliseconds(1)) { order.withLock { $0.append(0) } }
            loop.cancel(taken)
        }
        for await _ in done.stream {}
        #expect(order.withLock { $0 } == [1, 2])
    }

    @Test("a stop ends the thread and closes every connection")
    func stop() async throws {
        let script = "id=stop,hang=2"
        let other = try Upstream()
        other.post { $0.start(.toChat(script)) { _ in } }
        _ = try await standIn.sent("openai", script, tokens: 2, on: upstream)
        other.stop()
        #expect(try await standIn.ended("openai", script, on: upstream).map(\.end) == ["gone"])
    }
}
