// For any input of a client: see FuzzedMessage.
//
//   FUZZ=1 swift build -c release --sanitize fuzzer --product fuzz-json
//   SWIFT_BACKTRACE=enable=no .build/release/fuzz-json -dict=Tests/Fuzz/fuzz-json.dict
//
// Swift's own backtraces must be off, or they end the process before the fuzzer has saved the input.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The fuzzer owns the bytes during the call; the copy outlives it.
    let text = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do throws(Disagreement) {
        try FuzzedMessage.check(text)
    } catch {
        fatalError(error.description)
    }
    return 0
}
