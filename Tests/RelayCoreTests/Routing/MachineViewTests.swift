import RelayCore
import Testing

@Suite("The view of the machines")
struct MachineViewTests {
    static func ids(_ texts: String...) -> [InstanceID] { texts.compactMap { InstanceID($0) } }

    @Test("a machine is listed, or is not, or nobody can tell", arguments: [true, false])
    func isListed(isComplete: Bool) throws {
        let view = MachineView(
            region: Self.ids("a", "self"), listed: Set(Self.ids("a", "self", "far")), isComplete: isComplete)
        for machine in Self.ids("a", "self", "far") {
            #expect(view.isListed(machine) == true)
            #expect(view.outdated.isListed(machine) == nil)
        }
        let stranger = try #require(InstanceID("b"))
        #expect(view.isListed(stranger) == (isComplete ? false : nil))
        #expect(view.outdated.isListed(stranger) == nil)
        #expect(view.outdated.region == view.region)
    }
}
