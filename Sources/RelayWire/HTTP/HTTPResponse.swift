/// A complete response, written in one piece.
///
/// Pages of any origin may read every response, whatever its status. The version in the status line is always 1.1: it
/// is the version of this server, not of the request.
package struct HTTPResponse: Hashable, Sendable {
    package var status: HTTPStatus
    package var contentType: String?
    package var body: [UInt8]
    package var headers: [HTTPHeader]

    /// - Parameter contentType: written only if there is a body.
    package init(
        _ status: HTTPStatus, contentType: String? = nil, body: [UInt8] = [], headers: [HTTPHeader] = []
    ) {
        precondition(body.isEmpty || !status.isBodiless, "An answer of this status has no body")
        precondition(contentType?.utf8.allSatisfy(ByteClass.isFieldContent) ?? true, "A value stays on its line")
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }

    /// Appends the response to this request: without a body for HEAD, and saying whether the connection stays open.
    package func append(to output: inout [UInt8], framing: ResponseFraming) {
        append(
            to: &output, isHead: framing.isHead, isKeepAlive: framing.isKeepAlive, minorVersion: framing.minorVersion)
    }

    /// - Parameters:
    ///   - isHead: omits the body; the head still states its length.
    ///   - isKeepAlive: true if the connection stays open after this response.
    ///   - minorVersion: the request's; a client of HTTP/1.0 must be told that the connection stays open.
    package func append(to output: inout [UInt8], isHead: Bool, isKeepAlive: Bool, minorVersion: Int = 1) {
        status.appendLine(to: &output)
        output.append(contentsOf: "Access-Control-Allow-Origin: *\r\n".utf8)
        if let contentType, !body.isEmpty {
            output.append(contentsOf: "Content-Type: \(contentType)\r\n".utf8)
        }
        if !status.isBodiless {
            output.append(contentsOf: "Content-Length: \(body.count)\r\n".utf8)
        }
        if !isKeepAlive {
            output.append(contentsOf: "Connection: close\r\n".utf8)
        } else if minorVersion == 0 {
            output.append(contentsOf: "Connection: keep-alive\r\n".utf8)
        }
        for header in headers {
            header.append(to: &output)
        }
        output.append(contentsOf: "\r\n".utf8)
        if !isHead {
            output.append(contentsOf: body)
        }
    }
}

extension HTTPStatus {
    func appendLine(to output: inout [UInt8]) {
        output.append(contentsOf: "HTTP/1.1 \(code) \(reasonPhrase)\r\n".utf8)
    }
}
