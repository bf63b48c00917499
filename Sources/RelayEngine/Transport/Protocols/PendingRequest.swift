internal import RelayWire

/// What the answer to a request needs of its head, whose bytes may go.
struct PendingRequest {
    private let isHead: Bool
    let isKeepAlive: Bool
    private let minorVersion: Int
    /// Bytes that count as held until the answer: a handler keeps no more of a request than it was.
    let heldBytes: Int

    init(_ head: RequestHead) {
        isHead = head.method == .head
        isKeepAlive = head.isKeepAlive
        minorVersion = head.minorVersion
        heldBytes = head.length
    }

    /// Appends the answer to this request.
    func append(_ response: HTTPResponse, to bytes: inout [UInt8]) {
        response.append(to: &bytes, isHead: isHead, isKeepAlive: isKeepAlive, minorVersion: minorVersion)
    }
}
