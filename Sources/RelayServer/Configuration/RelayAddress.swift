/// The relay's address.
///
/// It is separate from the rest of the configuration because the health check needs nothing else, and must work even
/// if the rest is invalid.
struct RelayAddress {
    /// Nil for all addresses, IPv6 and IPv4.
    let host: String?
    let port: Int

    init(_ environment: EnvironmentVariables) throws(ConfigurationError) {
        host = environment.text("HOST")
        port = try environment.number("PORT", default: 3_000, in: 0...65_535)
    }
}
