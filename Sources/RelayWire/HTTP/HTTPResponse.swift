/// A complete response, written in one piece.
///
/// Pages of any origin may read every response, whatever its status. The version in the status line is always 1.1: it
/// is the version of this server, not of the request.
package struct HTTPResponse: Hashable, Sendable {
    package var status: HTTPStatus
    package var contentType: String?
    package var body: [UInt8]
    package var headers: [HTTPHeader]
    /// Seconds for which caches may keep it and answer in its place; nil if none may keep it.
    package var maxAge: Int?

    /// - Parameter contentType: written only if there is a body.
    package init(
        _ status: HTTPStatus, contentType: String? = nil, body: [UInt8] = [], headers: [HTTPHeader] = [],
        maxAge: Int? = nil
    ) {
        precondition(body.isEmpty || !status.isBodiless, "An answer of this status has no body")
        precondition(contentType?.utf8.allSatisfy(ByteClass.isFieldContent) ?? true, "A value stays on its line")
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
        self.maxAge = maxAge
    }

    /// Appends the response to this request: without a body for HEAD, and saying whether the connection stays open.
    ///
    /// - Parameter date: the moment of the response.
    package func append(to output: inout [UInt8], framing: ResponseFraming, date: DateField) {
        append(
            to: &output, isHead: framing.isHead, isKeepAlive: framing.isKeepAlive, minorVersion: framing.minorVersion,
            date: date)
    }

    /// - Parameters:
    ///   - isHead: omits the body; the head still states its length.
    ///   - isKeepAlive: true if the connection stays open after this response.
    ///   - minorVersion: the request's; a client of HTTP/1.0 must be told that the connection stays open.
    package func append(
        to output: inout [UInt8], isHead: Bool, isKeepAlive: Bool, minorVersion: Int = 1, date: DateField
    ) {
        status.appendLine(to: &output)
        ResponseFields.append(to: &output, maxAge: maxAge)
        output.append(contentsOf: date.line)
        if let contentType, !body.isEmpty {
            output.append(contentsOf: "Content-Type: ".utf8)
            output.append(contentsOf: contentType.utf8)
            output.append(contentsOf: "\r\n".utf8)
        }
        if !status.isBodiless {
            output.append(contentsOf: "Content-Length: ".utf8)
            output.append(decimal: body.count)
            output.append(contentsOf: "\r\n".utf8)
        }
        appendConnection(to: &output, isKeepAlive: isKeepAlive, minorVersion: minorVersion)
        for header in headers {
            header.append(to: &output)
        }
        output.append(contentsOf: "\r\n".utf8)
        if !isHead {
            output.append(contentsOf: body)
        }
    }

    /// Says if the connection stays open, and in a 426 the protocol to change to (RFC 9110, section 15.5.22), which is a
    /// matter of the connection as well (section 7.8).
    private func appendConnection(to output: inout [UInt8], isKeepAlive: Bool, minorVersion: Int) {
        let persistence = isKeepAlive ? minorVersion == 0 ? "keep-alive" : "" : "close"
        let isUpgrade = status == .upgradeRequired
        if isUpgrade { output.append(contentsOf: "Upgrade: websocket\r\n".utf8) }
        guard isUpgrade || !persistence.isEmpty else { return }
        output.append(contentsOf: "Connection: ".utf8)
        output.append(contentsOf: persistence.utf8)
        if isUpgrade { output.append(contentsOf: (persistence.isEmpty ? "Upgrade" : ", Upgrade").utf8) }
        output.append(contentsOf: "\r\n".utf8)
    }
}

/// The answers that come before the one to a request.
package enum InterimResponse {
    /// Tells a client that its body is wanted, if it waits for that (RFC 9110, section 15.2.1).
    package static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}

/// The fields that all responses have alike, the 101 of a handshake too.
enum ResponseFields {
    /// Appends what lets pages of any origin read a response, with the fields that name the machine and the wait, and says
    /// how long caches may keep it: nearly each describes a moment, so none may. How long a preflight holds is said by a
    /// field of its own, since no cache keeps answers to OPTIONS either (RFC 9110, section 9.3.7).
    static func append(to output: inout [UInt8], maxAge: Int? = nil) {
        guard let maxAge else { return output.append(contentsOf: ofMoment) }
        output.append(contentsOf: ofEveryOrigin)
        output.append(contentsOf: "Cache-Control: public, max-age=".utf8)
        output.append(decimal: maxAge)
        output.append(contentsOf: "\r\n".utf8)
    }

    private static let ofEveryOrigin = Array(
        """
        Access-Control-Allow-Origin: *\r
        Access-Control-Expose-Headers: X-Instance-Id, Retry-After\r

        """.utf8)

    private static let ofMoment = ofEveryOrigin + Array("Cache-Control: no-store\r\n".utf8)
}

extension HTTPStatus {
    func appendLine(to output: inout [UInt8]) {
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        output.append(decimal: code)
        output.append(contentsOf: " ".utf8)
        output.append(contentsOf: reasonPhrase.utf8)
        output.append(contentsOf: "\r\n".utf8)
    }
}
