import Foundation
import Testing

@Suite("The program's memory", .blocking)
struct ProgramMemoryTests {
    @Test("what served the start alone leaves memory, and the relay goes on")
    func start() throws {
        let process = try RelayProcess(["PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "1"])
        let port = try process.port()
        let deadline = Date() + 30
        while try kilobytes("VmRSS", of: process) + 2_048 > kilobytes("VmHWM", of: process), Date() < deadline {
            usleep(10_000)
        }
        #expect(try kilobytes("VmRSS", of: process) + 2_048 <= kilobytes("VmHWM", of: process))
        #expect(try RelayProcess.health(["PORT": "\(port)", "HOST": "127.0.0.1"]).status == 0)
    }

    private func kilobytes(_ field: String, of process: RelayProcess) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.identifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(field):") })
        return try #require(Int(line.split(separator: " ").dropLast().last ?? ""))
    }
}
