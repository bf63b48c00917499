internal import Glibc
internal import RelayServer

/// The program: its commands, and the mapping of errors to exit statuses.
@main
enum PartySockets {
    private static let help = """
        Usage: party-sockets [health | --help | --version]

        A WebSocket relay for party games: clients create a room, others join it by its code, and the server
        forwards their messages. It is configured by environment variables, of which these matter most:

          PORT                TCP port (3000)
          METRICS_PORT        another port, for /metrics, /health and /ready alone (/metrics is on PORT)
          HOST                address to listen on (all, IPv6 and IPv4)
          RELAY_THREADS       event loops (the processors this process may use)
          HOST_GRACE_SECONDS  how long a room outlives its host's absence (120)
          ALLOWED_ORIGINS     comma-separated origins that may connect (all)
          LOG_LEVEL           trace, debug, info, notice, warning, error or critical (info)

        ops/CONFIGURATION.md lists all of them, with the limits.

        `party-sockets health` asks the relay of this machine, at PORT and HOST, for /health: status 0 if it is
        answered with 200 within 2 seconds, else 1.
        """

    static func main() async {
        switch Array(CommandLine.arguments.dropFirst()) {
        case []: await serve()
        case ["health"]: checkHealth()
        case ["--help"], ["-h"]: print(help)
        case ["--version"]: print("party-sockets \(RelayVersion.current)")
        default: fail("unknown command or option; see --help", status: 64)
        }
    }

    private static func serve() async {
        do {
            try await RelayServer.run(makeSearch: SiblingSearch.init)
        } catch let end as EndedBySignal {
            exit(end.exitStatus)
        } catch {
            fail("\(error)", status: 1)
        }
    }

    private static func checkHealth() {
        do {
            try HealthCheck.run()
        } catch {
            fail("\(error)", status: 1)
        }
    }

    private static func fail(_ reason: String, status: Int32) -> Never {
        var line = "party-sockets: \(reason)\n"
        _ = line.withUTF8 { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(status)
    }
}
