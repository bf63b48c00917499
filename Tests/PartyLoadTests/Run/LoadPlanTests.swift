import Testing

@testable import party_load

@Suite("The plan of a run")
struct LoadPlanTests {
    private static func plan(_ shape: LoadPlan.Shape, _ change: (inout LoadPlan) -> Void = { _ in }) throws -> LoadPlan
    {
        var plan = LoadPlan(shape: shape, url: try ServerURL(ServerURL.standard))
        change(&plan)
        return plan
    }

    /// A change that makes a plan unusable, and a word that its refusal must contain.
    struct Fault: Sendable, CustomTestStringConvertible {
        let shape: LoadPlan.Shape
        let word: String
        let change: @Sendable (inout LoadPlan) -> Void

        var testDescription: String { "\(shape), \(word)" }
    }

    private static let faults: [Fault] = [
        Fault(shape: .state, word: "rooms") { $0.rooms = 0 },
        Fault(shape: .state, word: "members") { $0.members = 1 },
        Fault(shape: .input, word: "members") { $0.members = 1 },
        Fault(shape: .paced, word: "members") { $0.members = 1 },
        Fault(shape: .churn, word: "members") { $0.members = 2 },
        Fault(shape: .connect, word: "members") { $0.members = 0 },
        Fault(shape: .idle, word: "members") { $0.members = -1 },
        Fault(shape: .state, word: "slow") { $0.slow = -1 },
        Fault(shape: .state, word: "slow") { $0.slow = 4 },
        Fault(shape: .state, word: "payload") { $0.payload = -1 },
        Fault(shape: .state, word: "payload") { $0.payload = 1 << 30 },
        Fault(shape: .state, word: "window") { $0.window = 0 },
        Fault(shape: .paced, word: "rate") { $0.rate = 0 },
        Fault(shape: .paced, word: "rate") { $0.rate = .nan },
        Fault(shape: .paced, word: "rate") { $0.rate = .infinity },
        Fault(shape: .idle, word: "connections") { $0.connections = 0 },
        Fault(shape: .connect, word: "in-flight") { $0.inFlight = 0 },
        Fault(shape: .state, word: "seconds") { $0.seconds = 0 },
        Fault(shape: .state, word: "seconds") { $0.seconds = .infinity },
        Fault(shape: .state, word: "warmup") { $0.warmup = -1 },
        Fault(shape: .state, word: "patience") { $0.patience = 0 },
        Fault(shape: .state, word: "threads") { $0.threads = 0 },
        Fault(shape: .state, word: "threads") { $0.threads = 51 },
        Fault(shape: .connect, word: "threads") { $0.threads = 33 },
        Fault(shape: .state, word: "open files") { $0.rooms = 5_000 },
        Fault(shape: .idle, word: "open files") { $0.connections = 20_000 },
    ]

    @Test("an unusable plan is refused with the name of the wrong parameter", arguments: faults)
    func refused(fault: Fault) throws {
        let plan = try Self.plan(fault.shape, fault.change)
        do throws(LoadPlan.Unusable) {
            _ = try plan.checked(openFiles: 20_000)
            Issue.record("it was taken")
        } catch {
            #expect(error.description.contains(fault.word))
        }
    }

    @Test(
        "the default plan of each shape is usable",
        arguments: [LoadPlan.Shape.state, .input, .paced, .idle, .connect, .churn])
    func usual(shape: LoadPlan.Shape) throws {
        _ = try Self.plan(shape).checked(openFiles: 20_000)
    }

    @Test("connections fill whole rooms, or stand alone", arguments: [(10, 4, 2), (3, 4, 1), (10, 0, 10), (10, 1, 10)])
    func rooms(connections: Int, members: Int, rooms: Int) throws {
        let plan = try Self.plan(.idle) {
            $0.connections = connections
            $0.members = members
        }
        #expect(plan.roomCount == rooms)
    }
}
