// For any script of eight clients: their messages, read as the relay reads them, have in rooms the consequences that the
// contract says, as the plainest relay has them.
//
//   FUZZ=1 swift build -c release --sanitize fuzzer --product fuzz-rooms
//   SWIFT_BACKTRACE=enable=no .build/release/fuzz-rooms -dict=Tests/Fuzz/fuzz-rooms.dict Tests/Fuzz/corpus/fuzz-rooms

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The fuzzer owns the bytes during the call; the copy outlives it.
    let text = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do throws(Disagreement) {
        try RelayScript(text).check()
    } catch {
        fatalError(error.description)
    }
    return 0
}
