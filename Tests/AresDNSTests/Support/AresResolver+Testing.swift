import NIOCore
import NIOPosix

@testable import AresDNS

extension AresResolver {
    /// A resolver with short tries that ends with the closure.
    static func using<Result>(
        _ servers: SocketAddress?..., timeout: TimeAmount = .seconds(5), tries: Int = 2, resolvConf: String? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (AresResolver) async throws -> Result
    ) async throws -> Result {
        var configuration = Configuration()
        configuration.servers = resolvConf == nil ? servers.compactMap { $0 } : nil
        configuration.timeout = timeout
        configuration.tries = tries
        if let resolvConf { configuration.resolvConfPath = resolvConf }
        let resolver = try AresResolver(
            on: MultiThreadedEventLoopGroup.singleton.next(), configuration: configuration)
        do {
            let result = try await body(resolver)
            await resolver.shutdown()
            return result
        } catch {
            await resolver.shutdown()
            throw error
        }
    }

    /// TXT records as text, with a deadline that no working test meets.
    func text(_ name: String) async throws -> [String] {
        try await txt(name, deadline: .now() + .seconds(60)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The error of a question for TXT records; nil if it is answered.
    func failure(_ name: String, deadline: NIODeadline = .now() + .seconds(60)) async -> AresError.Code? {
        do {
            _ = try await txt(name, deadline: deadline)
            return nil
        } catch {
            return (error as? AresError)?.code
        }
    }
}
