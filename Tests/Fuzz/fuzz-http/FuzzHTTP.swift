// For any bytes that a client may send as a request: see FuzzedHead.
//
//   FUZZ=1 swift build -c release --sanitize fuzzer --product fuzz-http

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The fuzzer keeps the input alive and unchanged during the call, and gives its true length.
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do throws(Disagreement) {
        try FuzzedHead.check(bytes)
    } catch {
        fatalError(error.description)
    }
    return 0
}
