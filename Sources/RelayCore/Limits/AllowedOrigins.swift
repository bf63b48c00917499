/// The origins whose pages may connect, as the operator lists them.
///
/// An entry is an origin like `https://game.example`; `*.` in front of a host stands for all its subdomains but not for
/// itself, `:*` for any port, and `null` for pages whose origin the browser keeps to itself. White space and quotes
/// around entries, and brackets around the list, are no part of it: environment files hand them on.
package struct AllowedOrigins: Sendable {
    /// Origins that are allowed as they are.
    private var origins: Set<WebOrigin> = []
    private var patterns: [Pattern] = []
    private var allowsNull = false

    /// An entry that stands for several origins.
    private struct Pattern: Sendable {
        /// Its host has the common end of the subdomains' names, if those are meant.
        let origin: WebOrigin
        let isOfSubdomains: Bool
        let isOfAnyPort: Bool

        func matches(_ other: WebOrigin) -> Bool {
            guard other.scheme == origin.scheme, isOfAnyPort || other.port == origin.port else { return false }
            guard isOfSubdomains else { return other.host == origin.host }
            guard case .name(let domain) = origin.host, case .name(let name) = other.host else { return false }
            return name.hasSuffix(".\(domain)") && name.utf8.count > domain.utf8.count + 1
        }
    }

    /// - Throws: the first mistake in the list.
    package init(_ list: String) throws(AllowedOriginsMistake) {
        var list = list.trimmed { $0.isWhitespace }
        if list.first == "[" {
            guard list.last == "]" else { throw .malformed(String(list)) }
            list = list.dropFirst().dropLast()
        }
        for item in list.split(separator: ",") {
            let entry = item.trimmed { $0.isWhitespace || $0 == "\"" || $0 == "'" }
            if !entry.isEmpty { try add(entry) }
        }
        guard allowsNull || !origins.isEmpty || !patterns.isEmpty else { throw .none }
    }

    private mutating func add(_ entry: Substring) throws(AllowedOriginsMistake) {
        if entry.lowercased() == "null" {
            allowsNull = true
            return
        }
        var text = String(entry)
        let isOfAnyPort = text.hasSuffix(":*")
        if isOfAnyPort { text.removeLast(2) }
        let subdomains = text.firstRange(of: "://*.")
        if let subdomains { text.replaceSubrange(subdomains, with: "://") }
        guard !text.contains("*") else { throw .wildcard(String(entry)) }
        // There are ports of hosts only, and one of them.
        guard let origin = WebOrigin(text), !isOfAnyPort || WebOrigin("\(text):1") != nil else {
            throw AllowedOriginsMistake(in: entry)
        }
        guard subdomains != nil || isOfAnyPort else {
            origins.insert(origin)
            return
        }
        guard subdomains == nil || origin.hasName else { throw .malformed(String(entry)) }
        patterns.append(Pattern(origin: origin, isOfSubdomains: subdomains != nil, isOfAnyPort: isOfAnyPort))
    }

    /// True if a page of this origin may connect.
    ///
    /// - Parameter origin: the value of an `Origin` header.
    package func contains(_ origin: String) -> Bool {
        if origin == "null" { return allowsNull }
        guard let origin = WebOrigin(origin) else { return false }
        return origins.contains(origin) || patterns.contains { $0.matches(origin) }
    }
}

/// The reason why a list of origins cannot be used; its text says what the list must be.
package enum AllowedOriginsMistake: Error, Hashable, CustomStringConvertible {
    /// The list is empty.
    case none
    case wildcard(String)
    case scheme(String)
    case path(String)
    case whiteSpace(String)
    case notASCII(String)
    case malformed(String)

    /// Finds the mistake in an entry that is no origin.
    fileprivate init(in entry: Substring) {
        let entry = String(entry)
        let host = entry.firstRange(of: "://").map { entry[$0.upperBound...] }
        if !entry.utf8.allSatisfy({ $0 < 0x80 }) {
            self = .notASCII(entry)
        } else if entry.contains(where: \.isWhitespace) {
            self = .whiteSpace(entry)
        } else if let host {
            self = host.contains("/") ? .path(entry) : .malformed(entry)
        } else {
            self = .scheme(entry)
        }
    }

    package var description: String {
        let form = "a comma-separated list of origins like https://game.example"
        func about(_ entry: String, _ fault: String) -> String { "\(form) (\"\(LogText.line(entry))\" \(fault))" }
        return switch self {
        case .none: form
        case .wildcard("*"): "\(form), or unset to allow all"
        case .wildcard(let entry):
            about(entry, "has a * that stands neither for subdomains, as in https://*.game.example, nor for the port")
        case .scheme(let entry): about(entry, "has no scheme like https://")
        case .path(let entry): about(entry, "has a slash behind its host")
        case .whiteSpace(let entry): about(entry, "has white space in it")
        case .notASCII(let entry): about(entry, "is not as browsers send it, which is in ASCII, with xn--")
        case .malformed(let entry): about(entry, "is none")
        }
    }
}

extension WebOrigin {
    /// True if its host is one that may have subdomains.
    fileprivate var hasName: Bool {
        guard case .name(let name) = host else { return false }
        return !name.isEmpty && name.first != "."
    }
}

extension StringProtocol where SubSequence == Substring {
    /// The text without such characters at its ends.
    fileprivate func trimmed(_ isOuter: (Character) -> Bool) -> Substring {
        let start = drop(while: isOuter)
        guard let last = start.lastIndex(where: { !isOuter($0) }) else { return "" }
        return start[...last]
    }
}
