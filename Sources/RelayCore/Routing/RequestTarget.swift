/// A decoded request target (RFC 9112, section 3.2): the endpoint, and the machine that the request is pinned to.
///
/// All code that looks at a path uses this type, so that no two parts of the relay read one path in two ways.
package struct RequestTarget: Hashable, Sendable {
    package private(set) var endpoint: Endpoint

    /// The value of the first `instance` in the query, percent-decoded but not validated; nil also if it has none.
    /// Only `InstanceID` decides whether it can name a machine.
    package let pin: String?

    /// The same path and query without any `instance`, for a `Location` header.
    ///
    /// It is relative, begins with exactly one `/`, and is visible ASCII: it can leave neither the site nor the
    /// header line.
    package let locationWithoutPin: String

    /// Reads a target in origin form, absolute form (`http` or `https`) or asterisk form.
    ///
    /// Nil for any other form, and for a malformed percent escape in the path. A malformed escape in the query stands
    /// for itself, as it does in browsers: only `instance` is read there.
    package init?(_ raw: Span<UInt8>) {
        if raw.count == 1, raw[0] == UInt8(ascii: "*") {
            self.endpoint = .other
            self.pin = nil
            self.locationWithoutPin = "/"
            return
        }
        guard let start = RequestTarget.startOfPath(in: raw) else { return nil }
        let relative = raw.extracting(droppingFirst: start)
        let pathLength = relative.firstOffset(of: UInt8(ascii: "?")) ?? relative.count
        let path = relative.extracting(first: pathLength)
        guard let endpoint = RequestTarget.endpoint(ofRawPath: path) else { return nil }
        self.endpoint = endpoint

        var location: [UInt8] = []
        location.reserveCapacity(relative.count + 1)
        RequestTarget.appendPath(path, to: &location)
        if pathLength < relative.count {
            let query = relative.extracting(droppingFirst: pathLength + 1)
            self.pin = RequestTarget.takePin(from: query, appendingOthersTo: &location)
        } else {
            self.pin = nil
        }
        self.locationWithoutPin = String(decoding: location, as: UTF8.self)
    }

    package init?(_ raw: String) {
        self.init(raw.utf8.span)
    }

    /// The target if the code in its path is meant in capitals; nil if that is no easy code.
    ///
    /// - Parameter raw: the bytes that it was read from.
    package func inCapitals(_ raw: Span<UInt8>) -> RequestTarget? {
        guard let path = RequestTarget.path(of: raw), let endpoint = Endpoint(inCapitals: path.span) else { return nil }
        var target = self
        target.endpoint = endpoint
        return target
    }

    /// The target where there is nothing special at its path.
    package var withoutEndpoint: RequestTarget {
        var target = self
        target.endpoint = .other
        return target
    }
}

// MARK: - The path

extension RequestTarget {
    /// The start of the path (or, in absolute form, of the query); nil for a form that the relay does not serve.
    private static func startOfPath(in raw: Span<UInt8>) -> Int? {
        guard !raw.isEmpty else { return nil }
        if raw[0] == UInt8(ascii: "/") { return 0 }
        guard let authority = raw.offset(afterPrefix: "http://") ?? raw.offset(afterPrefix: "https://") else {
            return nil
        }
        var end = authority
        while end < raw.count, raw[end] != UInt8(ascii: "/"), raw[end] != UInt8(ascii: "?") { end += 1 }
        return end > authority ? end : nil
    }

    /// The decoded path of a target; nil if it has none.
    private static func path(of raw: Span<UInt8>) -> [UInt8]? {
        guard let start = startOfPath(in: raw) else { return nil }
        let relative = raw.extracting(droppingFirst: start)
        return PercentEncoding.decode(
            relative.extracting(first: relative.firstOffset(of: UInt8(ascii: "?")) ?? relative.count))
    }

    /// The endpoint of a path that is still percent-encoded; nil if it is malformed.
    private static func endpoint(ofRawPath path: Span<UInt8>) -> Endpoint? {
        guard path.firstOffset(of: UInt8(ascii: "%")) != nil else { return Endpoint(path: path) }
        guard let decoded = PercentEncoding.decode(path) else { return nil }
        return Endpoint(path: decoded.span)
    }

    /// Appends the path with exactly one leading slash, whatever run of slashes and backslashes it began with:
    /// browsers take both `//host` and `/\host` for another site.
    private static func appendPath(_ path: Span<UInt8>, to location: inout [UInt8]) {
        var start = 0
        while start < path.count, path[start] == UInt8(ascii: "/") || path[start] == UInt8(ascii: "\\") { start += 1 }
        location.append(UInt8(ascii: "/"))
        PercentEncoding.appendVisible(path.extracting(droppingFirst: start), to: &location)
    }
}

// MARK: - The query

extension RequestTarget {
    /// Returns the first `instance`, and appends all other parameters unchanged and in order.
    private static func takePin(from query: Span<UInt8>, appendingOthersTo location: inout [UInt8]) -> String? {
        var pin: String?
        var separator = UInt8(ascii: "?")
        var start = 0
        while start <= query.count {
            let rest = query.extracting(droppingFirst: start)
            let parameter = rest.extracting(first: rest.firstOffset(of: UInt8(ascii: "&")) ?? rest.count)
            start += parameter.count + 1

            let nameLength = parameter.firstOffset(of: UInt8(ascii: "=")) ?? parameter.count
            let name = PercentEncoding.decodeQuery(parameter.extracting(first: nameLength))
            if name.elementsEqual("instance".utf8) {
                guard pin == nil else { continue }
                let value = parameter.extracting(droppingFirst: min(nameLength + 1, parameter.count))
                pin = String(decoding: PercentEncoding.decodeQuery(value), as: UTF8.self)
            } else {
                location.append(separator)
                separator = UInt8(ascii: "&")
                PercentEncoding.appendVisible(parameter, to: &location)
            }
        }
        return pin == "" ? nil : pin
    }
}

extension Span<UInt8> {
    fileprivate func firstOffset(of byte: UInt8) -> Int? {
        for index in indices where self[index] == byte { return index }
        return nil
    }

    /// The length of the lower-case prefix, if the bytes begin with it in any case.
    fileprivate func offset(afterPrefix prefix: String) -> Int? {
        guard count >= prefix.utf8.count else { return nil }
        for (index, byte) in prefix.utf8.enumerated() {
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self[index])
            guard byte == (isUpper ? self[index] | 0x20 : self[index]) else { return nil }
        }
        return prefix.utf8.count
    }
}
