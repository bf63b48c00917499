internal import RelayCore

// Once per request, in a cluster.
extension Workload {
    static let routing = [
        Workload("routing: read a target", .allocations(4)) { readTarget(repetitions: $0) },
        Workload("routing: a room of our region", .nothing) { decide("/\(Sample.code)", repetitions: $0) },
        Workload("routing: a room of another region", .nothing) { repetitions in
            decide("/\(RoomCode(home: Sample.abroad, random: 1))", repetitions: repetitions)
        },
        Workload("routing: a pin to a sibling", .allocations(0)) { repetitions in
            decide("/\(Sample.code)?instance=148e5d9cd37089", repetitions: repetitions)
        },
    ]

    private static func readTarget(repetitions: Int) -> Int {
        let raw = Array("/\(Sample.code)?lang=en&instance=148e5d9cd37089".utf8)
        var checksum = 0
        for _ in 0..<repetitions {
            checksum &+= RequestTarget(raw.span)?.pin?.utf8.count ?? 0
        }
        return checksum
    }

    private static func decide(_ target: String, repetitions: Int) -> Int {
        guard let target = RequestTarget(target) else { preconditionFailure("the target is well-formed") }
        let request = RouteRequest(
            target: target, isUpgrade: true, replaySource: nil, isFallback: false, isDirect: false)
        let identity = RoutingIdentity(isRoutingOn: true, instance: InstanceID("32873dd6fe6587"), region: Sample.here)
        let drain = DrainState(isDraining: false, hasReadyPeer: true)
        var checksum = 0
        for _ in 0..<repetitions {
            switch RouteDecision.decide(request, at: identity, drain: drain, isListed: { _ in true }) {
            case .findRoom: checksum &+= 1
            case .replay: checksum &+= 2
            case .serve, .redirect: preconditionFailure("it is not served here")
            }
        }
        return checksum
    }
}
