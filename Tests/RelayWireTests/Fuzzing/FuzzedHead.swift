import RelayWire

/// For any bytes: the head parser against NIO's, whole and split, and the relay's use of an accepted head.
enum FuzzedHead {
    static func check(_ bytes: [UInt8]) throws(Disagreement) {
        if let disagreement = RequestHeadOracle.disagreement(over: bytes) {
            throw Disagreement(description: disagreement)
        }
        try Disagreement.unless(isIndependentOfSplit(bytes), "the verdict depends on how the bytes are split")
        try exerciseHandshake(bytes)
        exerciseResponse(bytes)
    }

    /// The parser's verdict on the bytes, in pieces of this size.
    private static func verdict(on bytes: [UInt8], step: Int) -> Result<Int?, HTTPFailure> {
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

    private static func isIndependentOfSplit(_ bytes: [UInt8]) -> Bool {
        let whole = verdict(on: bytes, step: max(bytes.count, 1))
        return whole == verdict(on: bytes, step: 1) && whole == verdict(on: bytes, step: 7)
    }

    /// Checks that no accepted head traps the handshake, and that its answer is a valid head.
    private static func exerciseHandshake(_ bytes: [UInt8]) throws(Disagreement) {
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
        try Disagreement.unless(answer != nil, "the answer to a request is no response head")
    }

    private static func exerciseResponse(_ bytes: [UInt8]) {
        var parser = ResponseHeadParser()
        let request = OpeningHandshake.Request(host: "a", target: "/", nonce: Array(0..<16), subprotocols: ["chat"])
        guard let head = try? parser.parse(bytes.span) else { return }
        _ = try? request.verify(head, in: bytes.span)
    }
}
