/// A status code with its reason phrase.
package struct HTTPStatus: Hashable, Sendable {
    package let code: Int
    package let reasonPhrase: String

    package static let switchingProtocols = HTTPStatus(code: 101, reasonPhrase: "Switching Protocols")
    package static let ok = HTTPStatus(code: 200, reasonPhrase: "OK")
    package static let created = HTTPStatus(code: 201, reasonPhrase: "Created")
    package static let noContent = HTTPStatus(code: 204, reasonPhrase: "No Content")
    package static let found = HTTPStatus(code: 302, reasonPhrase: "Found")
    package static let notModified = HTTPStatus(code: 304, reasonPhrase: "Not Modified")
    package static let badRequest = HTTPStatus(code: 400, reasonPhrase: "Bad Request")
    package static let forbidden = HTTPStatus(code: 403, reasonPhrase: "Forbidden")
    package static let notFound = HTTPStatus(code: 404, reasonPhrase: "Not Found")
    package static let methodNotAllowed = HTTPStatus(code: 405, reasonPhrase: "Method Not Allowed")
    /// On the platform that replays requests, the status of a `fly-replay` answer.
    package static let conflict = HTTPStatus(code: 409, reasonPhrase: "Conflict")
    package static let lengthRequired = HTTPStatus(code: 411, reasonPhrase: "Length Required")
    package static let contentTooLarge = HTTPStatus(code: 413, reasonPhrase: "Content Too Large")
    package static let upgradeRequired = HTTPStatus(code: 426, reasonPhrase: "Upgrade Required")
    package static let tooManyRequests = HTTPStatus(code: 429, reasonPhrase: "Too Many Requests")
    package static let headTooLarge = HTTPStatus(code: 431, reasonPhrase: "Request Header Fields Too Large")
    package static let serviceUnavailable = HTTPStatus(code: 503, reasonPhrase: "Service Unavailable")

    /// True if a response of this status has no body and no `Content-Length` (RFC 9110, section 8.6). A 304 could have
    /// one, of what it has no need to send.
    package var isBodiless: Bool {
        code < 200 || code == 204 || code == 304
    }
}
