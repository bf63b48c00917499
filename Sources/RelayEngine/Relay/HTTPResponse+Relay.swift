internal import RelayCore
internal import RelayWire

/// The answers that the engine gives by itself.
extension HTTPResponse {
    static let preflight = HTTPResponse(
        .noContent,
        headers: [
            HTTPHeader("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
            HTTPHeader("Access-Control-Allow-Headers", "*"),
            HTTPHeader("Access-Control-Max-Age", "86400"),
        ])

    static let methodNotAllowed = HTTPResponse(
        .methodNotAllowed, contentType: "text/plain", body: Array("method not allowed\n".utf8),
        headers: [HTTPHeader("Allow", "GET, HEAD, OPTIONS")])

    static let notFound = HTTPResponse(.notFound, contentType: "text/plain", body: Array("not found\n".utf8))

    static let originNotAllowed = HTTPResponse(
        .forbidden, contentType: "text/plain", body: Array("origin not allowed\n".utf8))

    static let serverFull = HTTPResponse(
        .serviceUnavailable, contentType: "text/plain", body: Array("server is full\n".utf8),
        headers: [HTTPHeader("Retry-After", "10")])

    static let serverDraining = HTTPResponse(
        .serviceUnavailable, contentType: "text/plain", body: Array("server is draining\n".utf8),
        headers: [HTTPHeader("Retry-After", "10")])

    /// The answer to a machine that hands a room over.
    static func arrival(_ arrival: Arrival) -> HTTPResponse {
        HTTPResponse(
            arrival == .taken ? .created : .serviceUnavailable,
            headers: [HTTPHeader("X-Handover", arrival.rawValue)])
    }

    static let roomForgotten = HTTPResponse(.ok, headers: [HTTPHeader("X-Handover", "forgotten")])

    /// Asks the proxy to deliver the request again to where it belongs.
    static func replay(_ replay: FlyReplay) -> HTTPResponse {
        HTTPResponse(.conflict, headers: [HTTPHeader(FlyReplay.headerName, replay.headerValue)])
    }

    static func redirect(to location: String) -> HTTPResponse {
        HTTPResponse(.found, headers: [HTTPHeader("Location", location)])
    }
}
