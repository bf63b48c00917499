// For any bytes that a peer may send as frames: see FuzzedFrames.
//
//   FUZZ=1 swift build -c release --sanitize fuzzer --product fuzz-frames

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The fuzzer's buffer is valid for the length that it says.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do throws(Disagreement) {
        try FuzzedFrames.check(input)
    } catch {
        fatalError(error.description)
    }
    return 0
}
