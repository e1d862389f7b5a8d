import Glibc

/// One stretch of a queue: a run, or what is left of it.
struct Segment {
    var run: RunPointer
    var queuedAt: UInt64
    var next: UnsafeMutablePointer<Segment>?
}

typealias SegmentPointer = UnsafeMutablePointer<Segment>

/// What a connection still has to send, oldest first: a linked list of runs, shared or private.
///
/// A private run at the tail takes further small writes until it is handed to the kernel. Bytes leave the queue only
/// when the kernel has taken them, so whatever a send in flight points at is alive.
struct OutboundQueue {
    private(set) var head: SegmentPointer?
    private var tail: SegmentPointer?

    /// Bytes not yet taken by the kernel, those of a send in flight included.
    private(set) var count = 0

    /// Bytes of the head that the kernel has.
    private var headSent = 0

    /// Whether the tail is a private run that nobody else looks at.
    private var tailIsOpen = false

    /// Private runs begin at this size, so that a few replies fit without a second allocation …
    private static let smallRun = 256

    /// … and grow to this one; longer writes get a run of their own.
    private static let largestOpenRun = 16 * 1024

    var isEmpty: Bool { head == nil }

    /// When the oldest byte of the queue was queued.
    var oldest: UInt64? { head?.pointee.queuedAt }

    /// Takes over one reference of the run.
    @inline(__always)
    mutating func append(_ run: RunPointer, at time: UInt64, segments: inout SegmentPool) {
        let segment = segments.take()
        segment.initialize(to: Segment(run: run, queuedAt: time, next: nil))
        if let tail { tail.pointee.next = segment } else { head = segment }
        tail = segment
        tailIsOpen = false
        count &+= run.pointee.count
    }

    mutating func append(copying bytes: UnsafeRawBufferPointer, at time: UInt64, segments: inout SegmentPool) {
        if tailIsOpen, let tail, tail.pointee.run.pointee.count + bytes.count <= Self.largestOpenRun {
            let run = tail.pointee.run
            if run.room < bytes.count {
                let needed = run.pointee.count + bytes.count
                tail.pointee.run = run.grown(to: min(Self.largestOpenRun, max(needed, run.pointee.capacity * 2)))
            }
            tail.pointee.run.append(bytes)
            count += bytes.count
            return
        }
        append(.make(copying: bytes, capacity: max(bytes.count, Self.smallRun)), at: time, segments: &segments)
        tailIsOpen = true
    }

    /// The head alone, where it is all there is: the usual case, and one that needs no vector.
    @inline(__always)
    mutating func takeOnly() -> UnsafeRawBufferPointer? {
        guard let head, head.pointee.next == nil else { return nil }
        tailIsOpen = false
        let run = head.pointee.run
        return UnsafeRawBufferPointer(start: run.bytes + headSent, count: run.pointee.count &- headSent)
    }

    /// Fills the vector with the front of the queue and tells how many of its entries are used.
    mutating func gather(into vector: UnsafeMutableBufferPointer<iovec>) -> Int {
        var used = 0
        var skipped = headSent
        var next = head
        while let segment = next, used < vector.count {
            let run = segment.pointee.run
            vector[used] = iovec(iov_base: run.bytes + skipped, iov_len: run.pointee.count - skipped)
            skipped = 0
            used += 1
            next = segment.pointee.next
        }
        if next == nil { tailIsOpen = false }
        return used
    }

    /// The first bytes in one piece: where they lie if that is one run, otherwise copied together. They stay queued.
    func front(
        atMost limit: Int,
        gatheringInto scratch: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        guard let head else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let rest = head.pointee.run.pointee.count - headSent
        if rest >= limit || head.pointee.next == nil {
            return UnsafeRawBufferPointer(start: head.pointee.run.bytes + headSent, count: min(rest, limit))
        }
        var filled = 0
        var skipped = headSent
        var next: SegmentPointer? = head
        let most = min(limit, scratch.count)
        while let segment = next, filled < most {
            let run = segment.pointee.run
            let piece = UnsafeRawBufferPointer(
                start: run.bytes + skipped,
                count: min(run.pointee.count - skipped, most - filled)
            )
            UnsafeMutableRawBufferPointer(rebasing: scratch[filled...]).copyMemory(from: piece)
            filled += piece.count
            skipped = 0
            next = segment.pointee.next
        }
        return UnsafeRawBufferPointer(rebasing: scratch[..<filled])
    }

    /// So many bytes from the front have been taken: by the kernel, or by TLS.
    @inline(__always)
    mutating func consume(_ taken: Int, segments: inout SegmentPool) {
        var left = min(taken, count)
        count &-= left
        while let segment = head {
            let run = segment.pointee.run
            let rest = run.pointee.count &- headSent
            if left < rest {
                headSent &+= left
                return
            }
            left &-= rest
            headSent = 0
            head = segment.pointee.next
            run.release()
            segments.give(segment)
        }
        tail = nil
        tailIsOpen = false
    }

    mutating func removeAll(segments: inout SegmentPool) {
        consume(count, segments: &segments)
    }
}
