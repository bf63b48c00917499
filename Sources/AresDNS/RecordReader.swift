internal import CAres
internal import Glibc

/// Converts the end of a c-ares query, a status and perhaps an answer, into records or an error.
enum RecordReader {
    static func read(
        _ answer: UnsafeRawBufferPointer, of type: RecordType, status: Int32
    ) -> Result<[[UInt8]], AresError> {
        guard status == ARES_SUCCESS else { return .failure(error(status: status)) }
        // c-ares ignores response codes that it does not know.
        if let code = unsafe responseCode(of: answer), code != 0 { return .failure(error(responseCode: code)) }
        var records: [[UInt8]] = []
        let status =
            switch type {
            case .txt: unsafe readText(answer, into: &records)
            case .aaaa: unsafe readIPv6(answer, into: &records)
            case .a: unsafe readIPv4(answer, into: &records)
            }
        // Whatever c-ares calls it: the question was valid, so the answer is not.
        guard status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOMEM else {
            return .failure(AresError(.malformed, "the answer cannot be read: \(AresLibrary.describe(status))"))
        }
        guard status == ARES_SUCCESS else { return .failure(error(status: status)) }
        // An alias that leads to no record of this type.
        guard !records.isEmpty else { return .failure(error(status: ARES_ENODATA)) }
        return .success(records)
    }

    /// The error for a response code other than 0 (RFC 1035, section 4.1.1).
    static func error(responseCode code: UInt8) -> AresError {
        switch code {
        case 3: AresError(.noSuchName, "no such name")
        case 5: AresError(.refused, "the server refuses to answer")
        default: AresError(.serverFailure, "the server answered with the response code \(code)")
        }
    }

    private static func error(status: Int32) -> AresError {
        let code: AresError.Code =
            switch status {
            case ARES_ENODATA: .noData
            case ARES_ENOTFOUND: .noSuchName
            case ARES_ESERVFAIL, ARES_ENOTIMP, ARES_EFORMERR: .serverFailure
            case ARES_EREFUSED: .refused
            case ARES_ECONNREFUSED: .unreachable
            case ARES_ETIMEOUT: .timeout
            case ARES_EBADRESP, ARES_EBADSTR: .malformed
            case ARES_EBADNAME, ARES_EBADQUERY: .invalidName
            default: .systemFailure
            }
        return AresError(code, AresLibrary.describe(status))
    }

    private static func responseCode(of answer: UnsafeRawBufferPointer) -> UInt8? {
        answer.count >= 4 ? unsafe answer[3] & 15 : nil
    }

    private static func readText(_ answer: UnsafeRawBufferPointer, into records: inout [[UInt8]]) -> Int32 {
        var first: UnsafeMutablePointer<ares_txt_ext>?
        let status = unsafe ares_parse_txt_reply_ext(
            answer.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(clamping: answer.count), &first)
        defer { unsafe ares_free_data(first) }
        var next = unsafe first
        while let string = unsafe next?.pointee {
            if unsafe string.record_start != 0 || records.isEmpty { records.append([]) }
            unsafe records[records.count - 1].append(
                contentsOf: UnsafeBufferPointer(start: string.txt, count: string.length))
            unsafe next = string.next
        }
        return status
    }

    private static func readIPv6(_ answer: UnsafeRawBufferPointer, into records: inout [[UInt8]]) -> Int32 {
        // No record is shorter than its address, so this bounds their number.
        var count = Int32(clamping: answer.count / MemoryLayout<ares_in6_addr>.size)
        var found = [ares_addr6ttl](repeating: ares_addr6ttl(), count: Int(count))
        let status = unsafe ares_parse_aaaa_reply(
            answer.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(clamping: answer.count), nil, &found, &count)
        if status == ARES_SUCCESS {
            records = found.prefix(Int(count)).map { unsafe withUnsafeBytes(of: $0.ip6addr) { unsafe Array($0) } }
        }
        return status
    }

    private static func readIPv4(_ answer: UnsafeRawBufferPointer, into records: inout [[UInt8]]) -> Int32 {
        var count = Int32(clamping: answer.count / MemoryLayout<in_addr>.size)
        var found = [ares_addrttl](repeating: ares_addrttl(), count: Int(count))
        let status = unsafe ares_parse_a_reply(
            answer.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(clamping: answer.count), nil, &found, &count)
        if status == ARES_SUCCESS {
            records = found.prefix(Int(count)).map { unsafe withUnsafeBytes(of: $0.ipaddr) { unsafe Array($0) } }
        }
        return status
    }
}
