import LiveClient
import Testing

@Suite("Lists of machines")
struct MachineListTests {
    private static let longest = String(repeating: "a", count: 64)

    @Test(
        "ids are separated by commas",
        arguments: [
            ("a", ["a"]), ("9185957f411683,e-2", ["9185957f411683", "e-2"]), (" a , b ", ["a", "b"]),
            (longest, [longest]),
        ])
    func ids(text: String, expected: [String]) throws {
        #expect(try MachineList.ids(text).map(\.description) == expected)
    }

    @Test(
        "a list of ids with anything else in it is refused whole",
        arguments: ["a,", ",a", "a,,b", " ", "a b", "a:ams", "a;b", "ä", "a/b", longest + "a", "a,b,a"])
    func noIDs(text: String) {
        #expect(throws: SettingsError.self) { try MachineList.ids(text) }
    }

    @Test("machines are ids with their regions")
    func machines() throws {
        let machines = try MachineList.machines("a:ams, b:iad,c:AMS")
        #expect(machines.map(\.id.description) == ["a", "b", "c"])
        #expect(machines.map(\.region) == ["ams", "iad", "ams"])
    }

    @Test(
        "a list of machines with anything else in it is refused whole",
        arguments: ["a", "a:", ":ams", "a:ams:b", "a:ams,", "a:ams;b:iad", "a:a ms", "a b:ams", "a:ams,a:iad", "a=ams"])
    func noMachines(text: String) {
        #expect(throws: SettingsError.self) { try MachineList.machines(text) }
    }

    @Test("of the machines in the platform tool's list only the started ones count")
    func json() throws {
        let json = #"""
            [{"id": "148e", "name": "old-sun", "state": "started", "region": "ams", "config": {"env": {"A": "1"}}},
             {"id": "2865", "name": "new-moon", "state": "stopped", "region": "iad", "checks": []},
             {"id": "9185", "state": "started", "region": "nrt", "updated_at": "2026-08-01T00:00:00Z"},
             {"id": "9999", "state": "suspended", "region": "nrt"}]
            """#
        let machines = try MachineList.started(json: Array(json.utf8))
        #expect(machines.map(\.description) == ["148e in ams", "9185 in nrt"])
        #expect(try MachineList.started(json: Array("[]".utf8)).isEmpty)
    }

    @Test(
        "output of the tool that is no list of machines is refused",
        arguments: [
            "", "null", "{}", "Error: not logged in", #"[{"id":"a","state":"started"}]"#, #"[{"id":1}]"#,
            #"[{"id":"a b","state":"started","region":"ams"}]"#,
            #"[{"id":"a","state":"started","region":"ams"}"#,
        ])
    func noJSON(text: String) {
        #expect(throws: SettingsError.self) { try MachineList.started(json: Array(text.utf8)) }
    }
}
