internal import Logging
internal import RelayCore

/// The debug lines about connections, rooms and errors, which are built only where they are wanted.
///
/// None of them holds a clientId, an address, or anything that a client has sent but the code of a room and the origin
/// of its page; and no message causes one, unless it is refused.
extension RelayLoop {
    func detailOpened(_ connection: RelayConnection, on loop: Loop) {
        guard loop.logsDetails else { return }
        loop.logDetail("connection opened", of: connection, ["origin": "\(connection.relaySession.origin.label)"])
    }

    func detailCreated(_ room: LiveRoom, by connection: RelayConnection, on loop: Loop) {
        guard loop.logsDetails else { return }
        loop.logDetail(
            "room created", of: connection,
            ["room": "\(room.state.code)", "maxClients": .stringConvertible(room.state.maxClients)])
    }

    func detailJoined(_ room: LiveRoom, as kind: JoinKind, with connection: RelayConnection, on loop: Loop) {
        guard loop.logsDetails else { return }
        loop.logDetail(
            "joined", of: connection,
            [
                "room": "\(room.state.code)", "slot": .stringConvertible(connection.relaySession.slot.index),
                "kind": "\(kind.rawValue)",
            ])
    }

    func detailLeft(_ room: LiveRoom, _ slot: Slot, on loop: Loop) {
        guard loop.logsDetails else { return }
        loop.logDetail("left", ["room": "\(room.state.code)", "slot": .stringConvertible(slot.index)])
    }

    func detailDormant(_ room: LiveRoom, on loop: Loop) {
        guard loop.logsDetails else { return }
        loop.logDetail("room dormant", ["room": "\(room.state.code)"])
    }

    func detailEnded(_ room: LiveRoom, members: Int, on loop: Loop) {
        guard loop.logsDetails else { return }
        loop.logDetail("room ended", ["room": "\(room.state.code)", "members": .stringConvertible(members)])
    }

    func detailRefused(_ error: RelayError, to connection: RelayConnection, on loop: Loop) {
        guard loop.logsDetails else { return }
        // Not its text, which may quote the client.
        loop.logDetail("error sent", of: connection, ["kind": "\(error.kind.rawValue)"])
    }
}
