import LiveClient
import Testing

@Suite("The operator's commands", .serialized)
struct OperatorCommandsTests {
    @Test("are there only if they are set")
    func unset() async throws {
        let commands = OperatorCommands(["LIVE_REPLACE": "", "LIVE_FREEZE": "true"])
        #expect(commands.replace == nil)
        #expect(commands.freeze == "true")
        await #expect(throws: SettingsError("LIVE_REPLACE is unset")) {
            try await commands.replace(try machine())
        }
    }

    @Test("get the machine's id, and the seconds, behind their own arguments")
    func arguments() async throws {
        let commands = OperatorCommands(["LIVE_REPLACE": "test ams-1 =", "LIVE_FREEZE": "expr ams-1 : ams-1 = 5 +"])
        try await commands.replace(try machine())
        let error = await #expect(throws: SettingsError.self) { try await commands.freeze(try machine(), seconds: 3) }
        #expect(error?.description.hasPrefix("LIVE_FREEZE failed with status") == true)
    }

    @Test("that fail are reported in one line")
    func failing() async throws {
        let commands = OperatorCommands(["LIVE_REPLACE": "echo no such machine >&2; echo more >&2; exit 3; #"])
        await #expect(throws: SettingsError("LIVE_REPLACE failed with status 3: no such machine")) {
            try await commands.replace(try machine())
        }
    }

    private func machine() throws -> Machine {
        Machine(id: try #require(MachineID("ams-1")), region: "ams")
    }
}
