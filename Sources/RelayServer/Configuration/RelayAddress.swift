/// Where clients find the relay.
///
/// Apart from the rest of the configuration, since the health check needs nothing else and must work whatever the rest is.
struct RelayAddress {
    /// Nil for every address, IPv6 and IPv4.
    let host: String?
    let port: Int

    init(_ environment: EnvironmentVariables) throws(ConfigurationError) {
        host = environment.text("HOST")
        port = try environment.number("PORT", default: 3_000, in: 0...65_535)
    }
}
