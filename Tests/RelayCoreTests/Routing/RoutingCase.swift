import RelayCore
import Testing

/// Everything that a request and a machine can be, as far as routing tells them apart.
struct RoutingCase: Sendable {
    enum Pin: String, CaseIterable { case none, ours, other, invalid, empty }
    enum Outcome: Hashable {
        case serve, replayToSibling, replayToOurs, replayAbroad, replayElsewhere, redirect, unforeseen
        case findRoom, findRoomThatMoved
    }
    enum Place: CaseIterable {
        case health, ready, metrics, other
        case roomAtHome, roomAbroad, roomUnassigned, roomMalformed
        case codeAtHome, codeAbroad, codeUnassigned, codeMalformed
    }

    var pin = Pin.none
    var place = Place.other
    var isUpgrade = false
    var isReplayed = false
    /// The replay came from a machine of our own region.
    var isFromSibling = false
    var isFallback = false
    var isDirect = false
    var isRoutingOn = true
    var isRegionKnown = true
    var isInstanceKnown = true
    var isDraining = false
    var hasReadyPeer = false
    /// False if the list of machines does not name the sibling; nil if there is no list.
    var isSiblingListed: Bool?
    /// All machines are one region.
    var isOneRegion = false

    static let all: [RoutingCase] = Pin.allCases.flatMap { pin in
        Place.allCases.flatMap { place in
            (0..<3_072).map { bits in
                RoutingCase(
                    pin: pin, place: place, isUpgrade: bits & 1 != 0, isReplayed: bits & 2 != 0,
                    isFromSibling: bits & 64 != 0, isFallback: bits & 4 != 0, isDirect: bits & 128 != 0,
                    isRoutingOn: bits & 8 == 0, isRegionKnown: bits & 16 == 0, isInstanceKnown: bits & 32 == 0,
                    isDraining: bits & 256 != 0, hasReadyPeer: bits & 512 != 0,
                    isSiblingListed: [nil, true, false][bits >> 10])
            }
        }
    }

    /// On a machine that drains while another takes new games.
    static func draining(
        place: Place = .other, isUpgrade: Bool = false, isReplayed: Bool = false, isFallback: Bool = false,
        isDirect: Bool = false, isRoutingOn: Bool = true, isRegionKnown: Bool = true, isInstanceKnown: Bool = true
    ) -> RoutingCase {
        RoutingCase(
            place: place, isUpgrade: isUpgrade, isReplayed: isReplayed, isFallback: isFallback, isDirect: isDirect,
            isRoutingOn: isRoutingOn, isRegionKnown: isRegionKnown, isInstanceKnown: isInstanceKnown,
            isDraining: true, hasReadyPeer: true)
    }

    /// Pinned to a machine that the list does not name.
    static func gone(
        _ place: Place, isReplayed: Bool = false, isFromSibling: Bool = false, isFallback: Bool = false
    ) -> RoutingCase {
        RoutingCase(
            pin: .other, place: place, isUpgrade: true, isReplayed: isReplayed, isFromSibling: isFromSibling,
            isFallback: isFallback, isSiblingListed: false)
    }

    /// On a machine of a cluster that is one region.
    static func oneRegion(
        _ place: Place, pin: Pin = .none, isUpgrade: Bool = false, isReplayed: Bool = false,
        isFromSibling: Bool = false, isFallback: Bool = false, isDirect: Bool = false
    ) -> RoutingCase {
        RoutingCase(
            pin: pin, place: place, isUpgrade: isUpgrade, isReplayed: isReplayed, isFromSibling: isFromSibling,
            isFallback: isFallback, isDirect: isDirect, isRegionKnown: false, isOneRegion: true)
    }

    static let here = Region(index: 6)  // fra
    static let abroad = Region(index: 16)  // syd
    static let homeCode = RoomCode(home: here, random: 1)
    static let foreignCode = RoomCode(home: abroad, random: 1)
    static let unassignedCode = RoomCode(home: nil, random: 31 << 30)

    var path: String {
        switch place {
        case .health: "/health"
        case .ready: "/ready"
        case .metrics: "/metrics"
        case .other: "/index.html"
        case .roomAtHome: "/room/\(Self.homeCode)"
        case .roomAbroad: "/room/\(Self.foreignCode)"
        case .roomUnassigned: "/room/\(Self.unassignedCode)"
        case .roomMalformed: "/room/nothing"
        case .codeAtHome: "/\(Self.homeCode)"
        case .codeAbroad: "/\(Self.foreignCode)"
        case .codeUnassigned: "/\(Self.unassignedCode)"
        case .codeMalformed: "/zzzzzz"
        }
    }

    var raw: String {
        switch pin {
        case .none: path
        case .ours: path + "?instance=ours"
        case .other: path + "?instance=sibling"
        case .invalid: path + "?instance=a;state=b"
        case .empty: path + "?instance="
        }
    }

    func outcome() throws -> Outcome {
        let target = try #require(RequestTarget(raw))
        let origin = try #require(isFromSibling ? Self.here : Self.abroad)
        let source = "instance=elsewhere;region=\(origin.name);t=1"
        let request = RouteRequest(
            target: target, isUpgrade: isUpgrade, replaySource: isReplayed ? FlyReplaySource(source.utf8.span) : nil,
            isFallback: isFallback, isDirect: isDirect)
        let identity = RoutingIdentity(
            isRoutingOn: isRoutingOn, instance: isInstanceKnown ? InstanceID("ours") : nil,
            region: isRegionKnown ? Self.here : nil, isOneRegion: isOneRegion)
        let drain = DrainState(isDraining: isDraining, hasReadyPeer: hasReadyPeer)
        return
            switch RouteDecision.decide(
                request, at: identity, drain: drain, isListed: { $0.text == "sibling" ? isSiblingListed : true }
            )
        {
        case .serve: .serve
        case .replay(.instance(let id)) where id.text == "sibling": .replayToSibling
        case .replay(.instance(let id)) where id.text == "ours": .replayToOurs
        case .replay(.region(let region)) where region == Self.abroad: .replayAbroad
        case .replay(.elsewhere): .replayElsewhere
        case .redirect(let location) where location == path: .redirect
        case .findRoom(let code, .replay) where "\(code)" == path.suffix(RoomCode.length): .findRoom
        case .findRoom(let code, .replayToNewHome) where "\(code)" == path.suffix(RoomCode.length): .findRoomThatMoved
        case .replay, .redirect, .findRoom: .unforeseen
        }
    }

    /// The rules once more, from the specification and as one list.
    var outcomeByTheRules: Outcome {
        // An empty one is none.
        let hasCode: [Place] = [
            .roomAtHome, .roomAbroad, .roomUnassigned, .codeAtHome, .codeAbroad, .codeUnassigned,
        ]
        // One to a machine that is gone is none, where the path tells more.
        let isGone = pin == .other && isSiblingListed == false && hasCode.contains(place) && !isFallback
        let isPinned = pin != .none && pin != .empty && !isGone
        let isPinOurs = pin == .ours && isInstanceKnown
        let isPinID = pin == .ours || pin == .other
        let isPlain =
            !isUpgrade
            || [.health, .ready, .metrics, .roomAtHome, .roomAbroad, .roomUnassigned, .roomMalformed].contains(place)
        let isFirst = !isReplayed && !isFallback
        let isProbe = isDirect && isFirst && !isUpgrade && !isGone && [.roomAtHome, .roomAbroad].contains(place)
        let isAtHome = isRegionKnown && (place == .roomAtHome || place == .codeAtHome)
        let search: Outcome =
            isAtHome && !isProbe && !isFallback && !(isReplayed && isFromSibling) ? .findRoom : .serve
        let rules: [(applies: Bool, outcome: Outcome)] = [
            (!isRoutingOn, .serve),
            (isPinned && !isPinOurs && isPinID && isFirst, pin == .ours ? .replayToOurs : .replayToSibling),
            (isPinned && !isPinOurs && isPlain, .redirect),
            (isPinned && !isPinOurs, search),
            (isPinned, isAtHome && !isPlain && !isFallback ? .findRoomThatMoved : .serve),
            (
                isDraining && hasReadyPeer && isUpgrade && isFirst && (place == .other || place == .codeMalformed),
                .replayElsewhere
            ),
            ([.health, .ready, .metrics].contains(place) || !isRegionKnown, .serve),
            ((place == .roomAbroad || place == .codeAbroad) && isFirst, .replayAbroad),
        ]
        return rules.first(where: \.applies)?.outcome ?? search
    }
}
