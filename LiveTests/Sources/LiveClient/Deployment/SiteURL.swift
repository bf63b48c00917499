internal import FoundationEssentials

/// The address of a deployment: scheme, host and port.
///
/// The relay owns every path of its site, so a URL with a path is refused rather than cut.
package struct SiteURL: Hashable, Sendable, CustomStringConvertible {
    package let isSecure: Bool
    /// A name or an address, an IPv6 address without its brackets.
    package let host: String
    package let port: Int

    /// Reads an absolute `http` or `https` URL.
    package init(_ text: String) throws(SettingsError) {
        let unusable = SettingsError("LIVE_URL is no http or https URL of a site, like https://my-app.fly.dev: \(text)")
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https",
            let host = parts.encodedHost?.lowercased().filter({ $0 != "[" && $0 != "]" }), !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil,
            parts.path.isEmpty || parts.path == "/"
        else { throw unusable }
        isSecure = scheme == "https"
        self.host = host
        port = parts.port ?? (isSecure ? 443 : 80)
        guard (1...65_535).contains(port) else { throw unusable }
    }

    /// The `Host` header, with the port only if it is not the scheme's default.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    package var description: String { (isSecure ? "https://" : "http://") + authority }
}
