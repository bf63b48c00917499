import RelayCore
import Testing

@Suite("Routing")
struct RouteDecisionTests {
    typealias Row = (RoutingCase, RoutingCase.Outcome)

    @Test(
        "a pin to another machine is followed, whatever the path, unless the request was replayed before",
        arguments: [
            (.init(pin: .other), .replayToSibling),
            (.init(pin: .other, isUpgrade: true), .replayToSibling),
            (.init(pin: .other, place: .health), .replayToSibling),
            (.init(pin: .other, place: .metrics), .replayToSibling),
            (.init(pin: .other, place: .ready), .replayToSibling),
            (.init(pin: .other, place: .roomAbroad), .replayToSibling),
            (.init(pin: .other, place: .codeAtHome, isUpgrade: true), .replayToSibling),
            (.init(pin: .other, isRegionKnown: false), .replayToSibling),
            (.init(pin: .other, isInstanceKnown: false), .replayToSibling),
            (.init(pin: .ours, isInstanceKnown: false), .replayToOurs),
            (.init(pin: .other, isReplayed: true), .redirect),
            (.init(pin: .other, isFallback: true), .redirect),
            (.init(pin: .other, isUpgrade: true, isReplayed: true), .serve),
            (.init(pin: .other, place: .codeAbroad, isUpgrade: true, isFallback: true), .serve),
            (.init(pin: .other, place: .codeAtHome, isUpgrade: true, isReplayed: true, isFromSibling: true), .serve),
            // Another region has sent it to the home of its room, where nobody has looked for it yet.
            (.init(pin: .other, place: .codeAtHome, isUpgrade: true, isReplayed: true), .findRoom),
            (.init(pin: .other, place: .codeAtHome, isUpgrade: true, isFallback: true), .serve),
        ] as [Row])
    func pinToAnother(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
    }

    @Test(
        "a pin that is not a machine id is stale: a page is redirected without it, an upgrade is served",
        arguments: [
            (.init(pin: .invalid), .redirect),
            (.init(pin: .invalid, place: .codeAbroad), .redirect),
            (.init(pin: .invalid, place: .codeAbroad, isUpgrade: true), .serve),
            (.init(pin: .invalid, isReplayed: true, isFallback: true), .redirect),
        ] as [Row])
    func stalePin(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
    }

    @Test(
        "an empty pin is none",
        arguments: [
            (.init(pin: .empty), .serve), (.init(pin: .empty, place: .codeAbroad, isUpgrade: true), .replayAbroad),
            (.init(pin: .empty, place: .codeAtHome, isUpgrade: true), .findRoom),
            (.init(pin: .empty, place: .roomAtHome, isDirect: true), .serve),
            (.init(pin: .empty, isInstanceKnown: false), .serve),
        ] as [Row])
    func emptyPin(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
    }

    @Test(
        "an upgrade at an endpoint without WebSockets is a plain request",
        arguments: [
            (.init(pin: .invalid, place: .metrics, isUpgrade: true), .redirect),
            (.init(pin: .other, place: .roomAtHome, isUpgrade: true, isReplayed: true), .redirect),
            (.init(pin: .other, place: .roomMalformed, isUpgrade: true, isFallback: true), .redirect),
            (.init(pin: .other, place: .codeMalformed, isUpgrade: true, isFallback: true), .serve),
        ] as [Row])
    func ignoredUpgrade(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
    }

    @Test("a request pinned to this machine stays, whatever region its code names, unless its room may have moved")
    func pinToUs() throws {
        for route in RoutingCase.all where route.pin == .ours && route.isRoutingOn && route.isInstanceKnown {
            let mayHaveMoved: [RoutingCase.Place] = route.isRegionKnown ? [.codeAtHome] : []
            let expected: [RoutingCase.Outcome] =
                mayHaveMoved.contains(route.place) ? [.serve, .findRoomThatMoved] : [.serve]
            #expect(expected.contains(try route.outcome()), "\(route)")
        }
    }

    @Test(
        "a pin to a machine that is not listed counts for nothing where the path has a code",
        arguments: [
            (.gone(.codeAtHome), .findRoom), (.gone(.roomAtHome), .findRoom),
            (.gone(.codeAbroad), .replayAbroad), (.gone(.roomAbroad), .replayAbroad),
            (.gone(.codeAtHome, isReplayed: true), .findRoom),
            (.gone(.codeAtHome, isReplayed: true, isFromSibling: true), .serve),
            (.gone(.codeAbroad, isReplayed: true), .serve), (.gone(.codeUnassigned), .serve),
            (.gone(.other), .replayToSibling), (.gone(.health), .replayToSibling),
            (.gone(.codeMalformed), .replayToSibling),
            // Its replay has failed before: it is stale as ever.
            (.gone(.codeAbroad, isFallback: true), .serve), (.gone(.codeAtHome, isFallback: true), .serve),
        ] as [Row])
    func pinToMachineGone(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
        var unknown = route
        unknown.isSiblingListed = nil
        var listed = route
        listed.isSiblingListed = true
        #expect(try unknown.outcome() == listed.outcome())
    }

    @Test("a room that has left is looked for once more, unless a former home has sent the request on before")
    func formerHome() throws {
        let identity = RoutingIdentity(isRoutingOn: true, instance: InstanceID("ours"), region: RoutingCase.here)
        let target = try #require(RequestTarget("/\(RoutingCase.homeCode)?instance=ours"))
        for (source, expected) in [
            (nil, .findRoom(RoutingCase.homeCode, ifFound: .replayToNewHome)),
            ("instance=m2;region=fra;t=1", .findRoom(RoutingCase.homeCode, ifFound: .replayToNewHome)),
            ("instance=m2;region=fra;t=1;state=handed-over", .serve),
            ("instance=m2;region=fra;state=handed-over;t=1", .serve),
            ("instance=m2;region=fra;state=handed-over-x", .findRoom(RoutingCase.homeCode, ifFound: .replayToNewHome)),
        ] as [(String?, RouteDecision)] {
            let request = RouteRequest(
                target: target, isUpgrade: true, replaySource: source.map { FlyReplaySource($0.utf8.span) },
                isFallback: false, isDirect: false)
            let drain = DrainState(isDraining: false, hasReadyPeer: false)
            #expect(RouteDecision.decide(request, at: identity, drain: drain, isListed: { _ in true }) == expected)
        }
    }

    @Test(
        "without a pin the region in the code decides",
        arguments: [
            (.init(place: .health), .serve), (.init(place: .metrics), .serve), (.init(place: .other), .serve),
            (.init(place: .ready), .serve),
            (.init(place: .other, isUpgrade: true), .serve),
            (.init(place: .roomAbroad), .replayAbroad), (.init(place: .codeAbroad), .replayAbroad),
            (.init(place: .codeAbroad, isUpgrade: true), .replayAbroad),
            (.init(place: .roomAbroad, isInstanceKnown: false), .replayAbroad),
            (.init(place: .roomAtHome), .findRoom), (.init(place: .codeAtHome), .findRoom),
            (.init(place: .codeAtHome, isUpgrade: true), .findRoom),
            (.init(place: .roomUnassigned), .serve), (.init(place: .codeUnassigned), .serve),
            (.init(place: .roomMalformed), .serve), (.init(place: .codeMalformed), .serve),
        ] as [Row])
    func byRegion(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
    }

    @Test(
        "a request replayed to its region may still go to a sibling, and one replayed to a wrong region stays",
        arguments: [
            (.init(place: .codeAtHome, isReplayed: true), .findRoom),
            (.init(place: .roomAtHome, isReplayed: true), .findRoom),
            (.init(place: .codeAbroad, isReplayed: true), .serve),
            (.init(place: .roomAbroad, isUpgrade: true, isReplayed: true), .serve),
        ] as [Row])
    func replayed(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
    }

    @Test(
        "a request replayed here by a sibling stays: the sibling has already asked the others",
        arguments: [
            (.init(place: .codeAtHome, isReplayed: true, isFromSibling: true), .serve),
            (.init(place: .codeAtHome, isUpgrade: true, isReplayed: true, isFromSibling: true), .serve),
            (.init(place: .roomAtHome, isReplayed: true, isFromSibling: true), .serve),
            (.init(place: .codeAbroad, isReplayed: true, isFromSibling: true), .serve),
        ] as [Row])
    func replayedBySibling(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
    }

    @Test(
        "a sibling's probe without a pin is answered here, and a player's request is not mistaken for one",
        arguments: [
            (.init(place: .roomAtHome, isDirect: true), .serve),
            (.init(place: .roomAbroad, isDirect: true), .replayAbroad),
            (.init(place: .roomAtHome, isDirect: false), .findRoom),
            (.init(place: .roomAtHome, isReplayed: true, isDirect: true), .findRoom),
            (.init(place: .codeAtHome, isDirect: true), .findRoom),
            (.init(place: .codeAtHome, isUpgrade: true, isDirect: true), .findRoom),
            (.init(pin: .other, place: .roomAtHome, isDirect: true), .replayToSibling),
        ] as [Row])
    func probe(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
    }

    @Test(
        "while a machine drains, an upgrade that names neither room nor machine goes elsewhere, if others are ready",
        arguments: [
            (.draining(isUpgrade: true), .replayElsewhere),
            (.draining(place: .codeMalformed, isUpgrade: true), .replayElsewhere),
            (.draining(isUpgrade: true, isRegionKnown: false), .replayElsewhere),
            (.draining(isUpgrade: true, isInstanceKnown: false), .replayElsewhere),
            (.draining(isUpgrade: true, isDirect: true), .replayElsewhere),
            (.init(isUpgrade: true, isDraining: true), .serve),
            (.init(isUpgrade: true, hasReadyPeer: true), .serve),
            (.draining(), .serve), (.draining(place: .health), .serve), (.draining(place: .ready), .serve),
            (.draining(isUpgrade: true, isReplayed: true), .serve),
            (.draining(isUpgrade: true, isFallback: true), .serve),
            (.draining(isUpgrade: true, isRoutingOn: false), .serve),
        ] as [Row])
    func elsewhere(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
    }

    @Test("a draining machine routes requests for a room or a machine like any other")
    func unmovedByDrain() throws {
        for route in RoutingCase.all where route.isDraining || route.hasReadyPeer {
            let isPinned = route.pin != .none && route.pin != .empty
            guard isPinned || ![.other, .codeMalformed].contains(route.place) else { continue }
            var steady = route
            steady.isDraining = false
            #expect(try route.outcome() == steady.outcome(), "\(route)")
        }
    }

    @Test("a fallback is neither replayed nor looked up on the siblings")
    func fallback() throws {
        for route in RoutingCase.all where route.isFallback {
            #expect([.serve, .redirect].contains(try route.outcome()), "\(route)")
        }
    }

    @Test("a machine without a region routes nothing by region")
    func regionUnknown() throws {
        for route in RoutingCase.all where route.pin == .none && !route.isRegionKnown {
            #expect([.serve, .replayElsewhere].contains(try route.outcome()), "\(route)")
        }
    }

    @Test(
        "where all machines are one region every code is searched for, whatever region it would name",
        arguments: [
            (.oneRegion(.roomAtHome), .findRoom), (.oneRegion(.roomAbroad), .findRoom),
            (.oneRegion(.roomUnassigned), .findRoom), (.oneRegion(.codeAtHome), .findRoom),
            (.oneRegion(.codeAbroad, isUpgrade: true), .findRoom),
            (.oneRegion(.codeUnassigned, isUpgrade: true), .findRoom),
            (.oneRegion(.codeAbroad, pin: .empty, isUpgrade: true), .findRoom),
            (.oneRegion(.roomMalformed), .serve), (.oneRegion(.codeMalformed, isUpgrade: true), .serve),
            (.oneRegion(.health), .serve), (.oneRegion(.other, isUpgrade: true), .serve),
            (.oneRegion(.codeAbroad, pin: .ours, isUpgrade: true), .findRoomThatMoved),
            (.oneRegion(.codeAbroad, pin: .other, isUpgrade: true), .replayToSibling),
            // A sibling's probe causes none.
            (.oneRegion(.roomAbroad, isDirect: true), .serve), (.oneRegion(.codeAbroad, isDirect: true), .findRoom),
            // Whoever has replayed it has asked the siblings.
            (.oneRegion(.codeAbroad, isUpgrade: true, isReplayed: true), .serve),
            (.oneRegion(.roomUnassigned, isReplayed: true, isFromSibling: true), .serve),
            (.oneRegion(.codeUnassigned, isUpgrade: true, isFallback: true), .serve),
        ] as [Row])
    func inOneRegion(route: RoutingCase, outcome: RoutingCase.Outcome) throws {
        #expect(try route.outcome() == outcome)
    }

    @Test("without routing every request is served here, and pins are ignored")
    func routingOff() throws {
        for route in RoutingCase.all where !route.isRoutingOn {
            #expect(try route.outcome() == .serve, "\(route)")
        }
    }

    @Test("every combination of request and machine is decided in the order of the rules")
    func everyCombination() throws {
        #expect(RoutingCase.all.count == 5 * 12 * 3_072)
        for route in RoutingCase.all {
            #expect(try route.outcome() == route.outcomeByTheRules, "\(route)")
        }
    }
}

@Suite("Replays")
struct FlyReplayTests {
    @Test("a replay names its target, a timeout, and the fallback if the target cannot be reached")
    func headerValue() throws {
        let instance = FlyReplay.instance(try #require(InstanceID("e784079b449483")))
        #expect(instance.headerValue == "instance=e784079b449483;timeout=5s;fallback=force_self")
        let region = FlyReplay.region(try #require(Region(name: "syd")))
        #expect(region.headerValue == "region=syd;timeout=5s;fallback=force_self")
        #expect(FlyReplay.elsewhere.headerValue == "elsewhere=true;timeout=5s;fallback=force_self")
        #expect(FlyReplay.headerName == "fly-replay")
    }
}

@Suite("Sources of replays")
struct FlyReplaySourceTests {
    @Test(
        "the replaying machine's region is read, whatever surrounds it",
        arguments: [
            ("instance=e784079b449483;region=nrt;t=1700000000000000", "nrt"),
            ("region=nrt", "nrt"), ("region=nrt;instance=a", "nrt"), ("instance=a; region=nrt", "nrt"),
            ("instance=a;t=1;state=x;region=nrt", "nrt"),
            ("region=ams;t=1, region=nrt;t=2", "nrt"),
        ])
    func region(value: String, name: String) {
        #expect(FlyReplaySource(value.utf8.span).region?.name == name)
    }

    @Test(
        "a source without a region, or with an unknown one, still marks a replay",
        arguments: ["", "instance=a", "region=", "region=xyz", "region", "xregion=nrt", "instance=region=nrt", "regio"])
    func withoutRegion(value: String) {
        #expect(FlyReplaySource(value.utf8.span).region == nil)
    }
}
