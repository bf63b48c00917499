import Logging
import RelayEngine
import RelayServer

/// A relay that runs inside the test, on a port of its own.
struct LocalRelay {
    let port: Int

    var url: String { "ws://127.0.0.1:\(port)" }

    /// Runs it for as long as the body takes.
    static func run<Result>(
        configure: (inout EngineConfiguration) -> Void = { _ in }, _ body: (LocalRelay) async throws -> Result
    ) async throws -> Result {
        var configuration = ServerConfiguration()
        configuration.engine.host = "127.0.0.1"
        configuration.engine.port = 0
        configuration.engine.loops = 1
        configure(&configuration.engine)
        let engine = try RelayEngine(
            configuration: configuration.engine, service: RelayHTTPService(configuration), locate: nil,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try engine.start(with: [])
        do {
            let result = try await body(LocalRelay(port: engine.port))
            await engine.stop()
            return result
        } catch {
            await engine.stop()
            throw error
        }
    }
}
