import RelayWire

/// The fuzzer's entry: the head parser against NIO's, whole and split, and the relay's use of an accepted head.
///
/// FUZZ=1 swift build --sanitize fuzzer --product fuzz-http
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The fuzzer keeps the input alive and unchanged during the call, and gives its true length.
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    if let disagreement = RequestHeadOracle.disagreement(over: bytes) {
        fatalError(disagreement)
    }
    precondition(isIndependentOfSplit(bytes), "the verdict depends on how the bytes are split")
    exerciseHandshake(bytes)
    exerciseResponse(bytes)
    return 0
}

/// The parser's verdict on the bytes, in pieces of this size.
private func verdict(on bytes: [UInt8], step: Int) -> Result<Int?, HTTPFailure> {
    var parser = RequestHeadParser(maxBytes: 512)
    var end = 0
    do throws(HTTPFailure) {
        while end < bytes.count {
            end = min(end + step, bytes.count)
            if let head = try parser.parse(bytes.span.extracting(first: end)) {
                return .success(head.length)
            }
        }
    } catch {
        return .failure(error)
    }
    return .success(nil)
}

private func isIndependentOfSplit(_ bytes: [UInt8]) -> Bool {
    let whole = verdict(on: bytes, step: max(bytes.count, 1))
    return whole == verdict(on: bytes, step: 1) && whole == verdict(on: bytes, step: 7)
}

/// Checks that no accepted head traps the handshake, and that its answer is a valid head.
private func exerciseHandshake(_ bytes: [UInt8]) {
    var parser = RequestHeadParser()
    var output: [UInt8] = []
    let date = DateField(second: 784_111_777)
    do throws(HTTPFailure) {
        guard let head = try parser.parse(bytes.span) else { return }
        do throws(HTTPFailure) {
            try OpeningHandshake.check(head, in: bytes.span).append(to: &output, date: date)
        } catch {
            error.response.append(to: &output, framing: ResponseFraming(for: head), date: date)
        }
    } catch {
        error.response.append(to: &output, isHead: false, isKeepAlive: false, date: date)
    }
    var responses = ResponseHeadParser()
    let answer = try? responses.parse(output.span)
    precondition(answer != nil, "the answer to a request is no response head")
}

private func exerciseResponse(_ bytes: [UInt8]) {
    var parser = ResponseHeadParser()
    let request = OpeningHandshake.Request(host: "a", target: "/", nonce: Array(0..<16), subprotocols: ["chat"])
    guard let head = try? parser.parse(bytes.span) else { return }
    _ = try? request.verify(head, in: bytes.span)
}
