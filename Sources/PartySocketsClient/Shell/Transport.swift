internal import NIOCore

#if TLS
    internal import NIOSSL

    /// Encryption where a URL asks for it, checked against the system's certificates or those of the options.
    struct Transport: Sendable {
        private let trusted: String?
        /// Made once where it will be needed: it reads the system's certificates.
        private let context: NIOSSLContext?

        init(_ options: RoomOptions, isSecure: Bool) throws(PartyError) {
            trusted = options.trustedCertificates
            context = isSecure ? try Self.context(trusting: trusted) : nil
        }

        private static func context(trusting file: String?) throws(PartyError) -> NIOSSLContext {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .fullVerification
            // HTTP/2 has another upgrade.
            configuration.applicationProtocols = ["http/1.1"]
            if let file { configuration.trustRoots = .file(file) }
            do {
                return try NIOSSLContext(configuration: configuration)
            } catch {
                throw PartyError(.noTLS, "No TLS: \(error)")
            }
        }

        func prepare(_ channel: any Channel, for target: Target) throws {
            guard target.isSecure else { return }
            let context = try context ?? Self.context(trusting: trusted)
            // An address is checked as the connection's own; only names are sent.
            let isAddress = (try? SocketAddress(ipAddress: target.host, port: target.port)) != nil
            let handler = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : target.host)
            try channel.pipeline.syncOperations.addHandler(handler)
        }
    }
#else
    /// Nothing, in a client that was built without the package's trait `TLS`.
    struct Transport: Sendable {
        init(_ options: RoomOptions, isSecure: Bool) throws(PartyError) {
            if isSecure { throw Self.missing }
        }

        func prepare(_ channel: any Channel, for target: Target) throws(PartyError) {
            if target.isSecure { throw Self.missing }
        }

        private static let missing = PartyError(.noTLS, "Encrypted connections need this package's trait TLS")
    }
#endif
