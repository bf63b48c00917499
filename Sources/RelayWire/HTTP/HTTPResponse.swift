/// An answer, to be written in one piece.
///
/// Every answer, whatever its status, may be read by pages of any origin. The version in the status line is always 1.1: it
/// says what this server speaks, not what it was asked in.
package struct HTTPResponse: Hashable, Sendable {
    package var status: HTTPStatus
    package var contentType: String?
    package var body: [UInt8]
    package var headers: [HTTPHeader]

    /// `contentType`: written only where there is a body.
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

    /// The answer to this request: without a body to HEAD, and with word of whether the connection stays open.
    package func append(to output: inout [UInt8], answering head: RequestHead) {
        append(
            to: &output, isHead: head.method == .head, isKeepAlive: head.isKeepAlive, minorVersion: head.minorVersion)
    }

    /// - Parameters:
    ///   - isHead: leave the body out; the head still tells its length.
    ///   - isKeepAlive: the connection stays open after this answer.
    ///   - minorVersion: of the request; a client of HTTP/1.0 must be told that the connection stays open.
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
