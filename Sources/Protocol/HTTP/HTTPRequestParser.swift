/// Reads the requests of one HTTP/1.1 connection, strictly (RFC 9112): bytes in, events out. No I/O, no clock, and
/// nothing a client sends traps.
///
/// It owns what has been received and not been read yet, bounded by the limits as long as `next` is called until
/// nil behind each `receive`. Pipelined requests come out one after the other; a caller that answers one first may
/// leave the others in here, and should stop receiving meanwhile. Any doubt about where a request ends is an error,
/// and errors are final. Confined to its connection's loop.
public struct HTTPRequestParser: ~Copyable {
    private enum Phase {
        case requestLine
        case fields(HTTPRequestLine)
        case body(missing: Int)
        case chunkSize
        case chunk(missing: Int)
        case chunkEnd
        case trailers
        case complete
        case ended
    }

    private let limits: HTTPLimits
    private var phase = Phase.requestLine
    private var buffer = MessageBuffer()
    /// Bytes of the buffer that have been read.
    private var offset = 0
    /// Bytes of the buffer known to hold no line end behind `offset`.
    private var scanned = 0
    private var headers = HTTPHeaders()
    /// Bytes and lines of the header or trailer fields so far.
    private var fieldBytes = 0
    private var fieldCount = 0
    private var bodyBytes = 0
    private var keepAlive = true
    private var skippedEmptyLine = false

    /// A parser at the start of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// Hands in received bytes, which are copied.
    public mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        if case .ended = phase { return }
        buffer.removeFirst(offset)
        scanned = max(0, scanned - offset)
        offset = 0
        buffer.append(bytes)
    }

    /// The next event, or nil where more bytes are needed or none will be read any more.
    public mutating func next() -> HTTPEvent? {
        do throws(HTTPRejection) {
            if let event = try read() { return event }
        } catch {
            end()
            return .failed(error)
        }
        if offset == buffer.count { release() }
        return nil
    }

    /// Everything received and not read, and the end of parsing: behind the head of a request that switches
    /// protocols these are the new protocol's first bytes.
    public mutating func takeRemainder() -> [UInt8] {
        let rest = buffer.view(from: offset).array()
        end()
        return rest
    }

    private mutating func end() {
        phase = .ended
        release()
    }

    private mutating func release() {
        buffer.removeAll(keeping: 0)
        offset = 0
        scanned = 0
    }

    private mutating func read() throws(HTTPRejection) -> HTTPEvent? {
        while true {
            switch phase {
            case .requestLine:
                guard let line = try requestLine() else { return nil }
                phase = .fields(line)
            case .fields(let requestLine):
                while let line = try fieldLine() {
                    guard line.isEmpty else {
                        let field = try HTTPField(line)
                        headers.append(name: field.name, value: field.value)
                        continue
                    }
                    return .head(try finishHead(requestLine))
                }
                return nil
            case .body(let missing), .chunk(let missing):
                return takeBody(missing)
            case .chunkSize:
                guard try chunkSize() else { return nil }
            case .chunkEnd:
                guard try line(limit: 0, HTTPChunk.dataTooLong) != nil else { return nil }
                phase = .chunkSize
            case .trailers:
                while let line = try fieldLine() {
                    if line.isEmpty {
                        phase = .complete
                        break
                    }
                    _ = try HTTPField(line)
                }
                guard case .complete = phase else { return nil }
            case .complete:
                if keepAlive { startRequest() } else { end() }
                return .end
            case .ended:
                return nil
            }
        }
    }

    private mutating func startRequest() {
        phase = .requestLine
        headers = HTTPHeaders()
        fieldBytes = 0
        fieldCount = 0
        bodyBytes = 0
        skippedEmptyLine = false
    }

    private mutating func requestLine() throws(HTTPRejection) -> HTTPRequestLine? {
        // Room for a method and a version beside the target.
        let limit = limits.maxTargetBytes + 64
        guard var line = try line(limit: limit, HTTPRequestLine.targetTooLong) else { return nil }
        if line.isEmpty, !skippedEmptyLine {
            // Old clients send a line end behind a body that its length does not count (RFC 9112 §2.2).
            skippedEmptyLine = true
            guard let next = try self.line(limit: limit, HTTPRequestLine.targetTooLong) else { return nil }
            line = next
        }
        return try HTTPRequestLine(line, limits: limits)
    }

    private mutating func fieldLine() throws(HTTPRejection) -> ByteView? {
        let tooLarge = HTTPRejection(status: 431, sentence: "The header fields are larger than the limit.")
        guard let line = try line(limit: limits.maxHeaderBytes - fieldBytes, tooLarge) else { return nil }
        guard !line.isEmpty else { return line }
        fieldBytes += line.count + 2
        fieldCount += 1
        guard fieldBytes <= limits.maxHeaderBytes else { throw tooLarge }
        guard fieldCount <= limits.maxHeaderCount else {
            throw HTTPRejection(status: 431, sentence: "There are more header fields than the limit.")
        }
        return line
    }

    private mutating func finishHead(_ line: HTTPRequestLine) throws(HTTPRejection) -> HTTPRequestHead {
        let head = try HTTPFraming.head(line, headers, limits: limits)
        headers = HTTPHeaders()
        fieldBytes = 0
        fieldCount = 0
        keepAlive = head.keepAlive
        phase = head.isChunked ? .chunkSize : head.hasBody ? .body(missing: head.contentLength ?? 0) : .complete
        return head
    }

    private mutating func takeBody(_ missing: Int) -> HTTPEvent? {
        let available = min(missing, buffer.count - offset)
        guard available > 0 else { return nil }
        let view = buffer.view[offset..<offset + available]
        offset += available
        let rest = missing - available
        if case .chunk = phase {
            phase = rest == 0 ? .chunkEnd : .chunk(missing: rest)
        } else {
            phase = rest == 0 ? .complete : .body(missing: rest)
        }
        return .body(view)
    }

    private mutating func chunkSize() throws(HTTPRejection) -> Bool {
        guard let line = try line(limit: HTTPChunk.maxLineBytes, HTTPChunk.lineTooLong) else { return false }
        let size = try HTTPChunk.size(line)
        guard size <= limits.maxBodyBytes - bodyBytes else { throw HTTPFraming.bodyTooLarge }
        bodyBytes += size
        phase = size == 0 ? .trailers : .chunk(missing: size)
        return true
    }

    /// The next line without its CR LF, or nil where it is not whole. A line longer than `limit` is refused as soon
    /// as that is certain.
    private mutating func line(limit: Int, _ tooLong: HTTPRejection) throws(HTTPRejection) -> ByteView? {
        let rest = buffer.view(from: offset)
        var index = max(scanned - offset, 0)
        while index < rest.count, rest[index] != UInt8(ascii: "\n") { index += 1 }
        scanned = offset + index
        guard index < rest.count else {
            // The last byte may be the CR of the line end.
            guard rest.count <= limit + 1 else { throw tooLong }
            return nil
        }
        guard index - 1 <= limit else { throw tooLong }
        guard index > 0, rest[index - 1] == UInt8(ascii: "\r") else {
            throw .badRequest("A line ends without a carriage return.")
        }
        offset += index + 1
        return rest[0..<index - 1]
    }
}
