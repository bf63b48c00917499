package import RelayCore
package import RelayEngine
package import RelayWire

/// The HTTP API: the responses for clients, siblings, dashboards and people.
package struct RelayHTTPService: HTTPService {
    private let instance: String
    private let started = ContinuousClock.now
    private let dashboardURL: String?
    private let metricsPage: MetricsPage
    private let clusterMetrics: (@Sendable () -> [MetricFamily])?

    /// - Parameter clusterMetrics: the metrics of the search on siblings; nil without one.
    package init(
        _ configuration: ServerConfiguration, clusterMetrics: (@Sendable () -> [MetricFamily])? = nil
    ) {
        self.clusterMetrics = clusterMetrics
        instance = configuration.engine.identity.instance?.text ?? ""
        dashboardURL = configuration.dashboardURL
        metricsPage = MetricsPage(
            instance: instance, region: configuration.engine.regionLabel, version: RelayVersion.current)
    }

    package func health() -> HTTPResponse {
        .json(.ok, "{\"status\":\"ok\"}")
    }

    package func ready(_ readiness: Readiness, takesRooms: Bool) -> HTTPResponse {
        // The youngest machine is asked first: the others may be the next to be replaced.
        let uptime = "\((.now - started).components.seconds)"
        return .json(
            readiness == .ready ? .ok : .serviceUnavailable, "{\"status\":\"\(readiness.rawValue)\"}",
            headers: takesRooms ? [HTTPHeader("X-Takes-Rooms", uptime)] : [])
    }

    package func metrics(_ statistics: EngineStatistics) -> HTTPResponse {
        HTTPResponse(
            .ok, contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: metricsPage.text(of: statistics, cluster: clusterMetrics?() ?? [], process: .current()))
    }

    package func room(_ room: RoomSummary?) -> HTTPResponse {
        let headers = [HTTPHeader("X-Instance-Id", instance)]
        guard let room else { return .json(.notFound, "{\"error\":\"Room not found\"}", headers: headers) }
        var body = Array("{\"clients\":\(room.clients),\"maxClients\":\(room.maxClients),\"origin\":".utf8)
        JSONText.appendString(room.origin, to: &body)
        if let url = room.url {
            body.append(contentsOf: ",\"url\":".utf8)
            JSONText.appendString(url, to: &body)
        }
        if room.isLocked { body.append(contentsOf: ",\"locked\":true".utf8) }
        if room.held > 0 { body.append(contentsOf: ",\"held\":\(room.held)".utf8) }
        body.append(UInt8(ascii: "}"))
        return HTTPResponse(.ok, contentType: "application/json", body: body, headers: headers)
    }

    package func tooManyAttempts(retryAfter seconds: Int) -> HTTPResponse {
        .json(
            .tooManyRequests, "{\"error\":\"Too many attempts\"}",
            headers: [HTTPHeader("X-Instance-Id", instance), HTTPHeader("Retry-After", "\(seconds)")])
    }

    package func unknown(retryAfter seconds: Int) -> HTTPResponse {
        .json(
            .serviceUnavailable, "{\"error\":\"Try again\"}",
            headers: [HTTPHeader("X-Instance-Id", instance), HTTPHeader("Retry-After", "\(seconds)")])
    }

    package func file(_ file: ServedFile, hasCurrent: (EntityTag) -> Bool) -> HTTPResponse {
        let content = FileContent.of(file)
        var headers = [HTTPHeader("ETag", content.tag.text)]
        // A page that showed the demo within itself could have its visitors press what only the host should.
        if file == .demo { headers.append(HTTPHeader("Content-Security-Policy", "frame-ancestors 'none'")) }
        guard !hasCurrent(content.tag) else {
            return HTTPResponse(.notModified, headers: headers, maxAge: FileContent.maxAge)
        }
        return HTTPResponse(
            .ok, contentType: content.mediaType, body: content.bytes, headers: headers, maxAge: FileContent.maxAge)
    }

    package func front(rooms: Int, clients: Int) -> HTTPResponse {
        if let dashboardURL {
            return HTTPResponse(.found, headers: [HTTPHeader("Location", dashboardURL)])
        }
        let body = "rooms: \(rooms)\nclients: \(clients)\n"
        return HTTPResponse(.ok, contentType: "text/plain; charset=utf-8", body: Array(body.utf8))
    }
}

extension HTTPResponse {
    fileprivate static func json(_ status: HTTPStatus, _ body: String, headers: [HTTPHeader] = []) -> HTTPResponse {
        HTTPResponse(status, contentType: "application/json", body: Array(body.utf8), headers: headers)
    }
}
