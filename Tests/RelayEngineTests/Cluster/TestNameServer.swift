import Foundation
import Glibc
import Testing

/// A dnsmasq of the test's own.
final class TestNameServer {
    private let address: UInt32
    private let port: Int
    private let process: ChildProcess
    private let path: String

    init(at address: UInt32, port: Int, configuration: String) throws {
        self.address = address
        self.port = port
        let places: [String] = ["/usr/sbin/dnsmasq", "/usr/bin/dnsmasq"]
        let program = try #require(
            places.first { unsafe access($0, X_OK) == 0 }, "dnsmasq is needed: ops/setup --checks installs it")
        let user = unsafe getpwuid(getuid()).map { unsafe String(cString: $0.pointee.pw_name) } ?? ""
        // In a file, since only there quotes keep the commas of a string together.
        path = FileManager.default.temporaryDirectory.appending(path: "names-\(getpid())-\(port).conf").path
        try configuration.write(toFile: path, atomically: false, encoding: .utf8)
        process = try ChildProcess(
            [program, "--keep-in-foreground", "--conf-file=\(path)", "--pid-file=", "--user=\(user)"], environment: [:])
    }

    deinit {
        _ = unsafe unlink(path)
    }

    /// Asks for a name until there is an answer; false if the process ends before.
    ///
    /// By UDP: each TCP connection makes a child, which holds the port for a moment longer than its parent.
    func answers(_ name: String) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        let question = TestNameServer.question(for: name)
        while process.isRunning {
            _ = unsafe withSocketAddress(address, UInt16(port)) { target, length in
                unsafe sendto(descriptor, question, question.count, 0, target, length)
            }
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&request, 1, 50) > 0 else { continue }
            var answer = [UInt8](repeating: 0, count: 512)
            if unsafe recv(descriptor, &answer, answer.count, 0) > 0 { return true }
        }
        return false
    }

    /// A question for the TXT records of a name (RFC 1035, section 4.1).
    private static func question(for name: String) -> [UInt8] {
        let header: [UInt8] = [0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return header + labels + [0, 0, 16, 0, 1]
    }
}
