import Glibc

/// The entry points that libFuzzer calls. The target is chosen by the environment, so that one build serves all.
private let target: FuzzTarget = {
    guard let name = getenv("FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name)) else {
        print("FUZZ_TARGET is to be one of:", FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))
        exit(2)
    }
    return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    do {
        try target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        print("broken promise: \(error)")
        fflush(nil)
        abort()
    }
    return 0
}
