import Glibc
import RelayEngine
import TestSupport
import Testing

/// A filter of system calls like those of containers, as a shell command that runs before the relay.
private enum KernelFilter {
    /// Installs a filter that refuses io_uring's system calls, and then runs the program. The numbers of the calls are
    /// the same on all processors.
    private static func refusing(from first: Int, to last: Int) -> String {
        """
        exec python3 -c '
        import ctypes, os, struct, sys
        rules = [(0x20, 0, 0, 0), (0x35, 0, 2, \(first)), (0x25, 1, 0, \(last)), (0x06, 0, 0, 0x00050001), \
        (0x06, 0, 0, 0x7fff0000)]
        code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
        program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code)))
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.prctl(38, 1, 0, 0, 0) == 0
        assert libc.prctl(22, 2, program, 0, 0) == 0
        os.execv(sys.argv[1], sys.argv[1:])
        ' "$0" "$@"; exit 1
        """
    }

    /// io_uring_setup, io_uring_enter, io_uring_register.
    static let all = refusing(from: 425, to: 427)
    /// io_uring_enter.
    static let entering = refusing(from: 426, to: 426)

    static var isPossible: Bool { unsafe access("/usr/bin/python3", X_OK) == 0 }
}

@Suite("Where the kernel refuses io_uring", .blocking, .enabled(if: KernelFilter.isPossible))
struct RefusedRingTests {
    private static let environment = [
        "PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "2", "IDLE_TIMEOUT_SECONDS": "0",
    ]

    /// Plays in a room of seven, in which the host's message reaches all the others, and returns the metrics after it.
    private func play(on process: RelayProcess) throws -> ExpositionFormat {
        let port = try process.port()
        let host = try TestClient(port: port)
        try host.open()
        let code = try host.create()
        let guests = try (1...6).map { number in
            let guest = try TestClient(port: port)
            try guest.open("/\(code)")
            try guest.join(code, clientID: "client-\(number)")
            #expect(try guest.text().hasPrefix(#"{"type":"joined","#))
            return guest
        }
        for round in 0..<3 {
            host.send(#"{"type":"send","data":\#(round)}"#)
            for guest in guests {
                var heard = try guest.text()
                while heard.hasPrefix(#"{"type":"peer_joined","#) { heard = try guest.text() }
                #expect(heard == #"{"type":"message","from":0,"data":\#(round)}"#)
            }
        }
        return try TestClient(port: port).scrape()
    }

    private func lines(of process: RelayProcess, level: String) -> [Substring] {
        process.outputText.split(separator: "\n").filter {
            $0.contains(#""level":"\#(level)""#) && $0.contains("io_uring")
        }
    }

    @Test("with auto the relay runs without it, and says so in one log line and in its metrics")
    func auto() async throws {
        let settings = Self.environment.merging(["IO_URING": "auto"]) { $1 }
        let process = try RelayProcess(settings, preparation: KernelFilter.all)
        let page = try play(on: process)
        #expect(page["party_sockets_io_uring"] == 0)
        #expect(page["party_sockets_send_batches_total"] == 0)
        #expect(lines(of: process, level: "info").count == 1)
        #expect(process.outputText.contains("io_uring_setup: Operation not permitted"))
        #expect(process.outputText.contains(#""ioUring":false"#))
    }

    @Test("with on the relay does not start, and one line says why")
    func on() async throws {
        let settings = Self.environment.merging(["IO_URING": "on"]) { $1 }
        let (status, errors) = try RelayProcess(settings, preparation: KernelFilter.all).end()
        #expect(status == 1)
        #expect(
            errors
                == "party-sockets: cannot start event loop 1 of 2 (IO_URING on): io_uring_setup: Operation not permitted\n"
        )
    }

    @Test("a kernel that opens a ring and then refuses to use it loses no byte")
    func refusesLate() async throws {
        let settings = Self.environment.merging(["IO_URING": "auto", "RELAY_THREADS": "1"]) { $1 }
        let process = try RelayProcess(settings, preparation: KernelFilter.entering)
        let page = try play(on: process)
        #expect(page["party_sockets_io_uring"] == 0)
        _ = try process.output(matching: /io_uring has failed/)
        #expect(lines(of: process, level: "warning").count == 1)
    }
}
