import AresDNS
import Foundation
import Testing

@Suite("The example of the documentation")
struct MachinesTests {
    @Test("tells what is listed, that nothing is, and what went wrong")
    func plays() async throws {
        let server = try await ScriptedNameServer(answering: .text("one ams"), .text("two nrt"))
        #expect(try await machines(listedAs: "vms.app.internal", by: server.address) == ["one ams", "two nrt"])
        await server.stop()
        let other = try await ScriptedNameServer { [.message($0.answer(code: $0.name == "none.internal" ? 3 : 5))] }
        #expect(try await machines(listedAs: "none.internal", by: other.address).isEmpty)
        await #expect(throws: AresError.self) { try await machines(listedAs: "forbidden.internal", by: other.address) }
        await other.stop()
    }

    @Test("is the one that stands there, line by line")
    func isDocumented() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let example = try String(contentsOf: here.appending(path: "Machines.swift"), encoding: .utf8)
        let article = here.appending(path: "../../../Sources/AresDNS/AresDNS.docc/AresDNS.md")
        #expect(try String(contentsOf: article, encoding: .utf8).contains("```swift\n\(example)```\n"))
    }
}
