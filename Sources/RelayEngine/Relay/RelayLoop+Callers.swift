internal import RelayCore
internal import RelayLimits
internal import RelayWire

extension RelayLoop {
    /// The party behind a request: named by a trusted proxy's header, else the socket's peer.
    func caller(of head: RequestHead, in bytes: Span<UInt8>, on connection: RelayConnection, isUpgrade: Bool) -> Caller
    {
        let header = shared.configuration.clientIPHeader
        let named = header.map { head.address(in: $0, of: bytes) } ?? .absent
        let signs = CallerSigns(
            peer: connection.peer, hasHeader: header != nil, named: named,
            // Anybody may say so; of a public peer nothing depends on it but whether it counts as being here.
            isForwarded: named == .absent && head.isFromProxy(in: bytes),
            mayBeSibling: isRouting && !isUpgrade)
        if let doubt = signs.doubt { shared.doubts.note(doubt) }
        return Caller(signs)
    }

    /// True if a member of a room is connected from another computer, or through a proxy, behind which it may be.
    ///
    /// Two kinds of players are not seen: those of a tunnel or proxy on this computer that adds no header, and those
    /// whose connection is lost at the moment, of whom only the slot is left.
    var hasMembersElsewhere: Bool {
        rooms.values.contains { room in
            room.state.seats.contains { seat in
                let connection = seat.member.connection
                return connection.relaySession.caller.isForwarded
                    || !Socket.comesFromHere(connection.descriptor, peer: connection.peer)
            }
        }
    }
}

extension RequestHead {
    /// The address in the last field of that name that is not empty.
    fileprivate func address(in header: HeaderName, of bytes: Span<UInt8>) -> NamedAddress {
        for value in values(header, in: bytes).reversed() {
            let named = NamedAddress(bytes.extracting(value))
            if named != .absent { return named }
        }
        return .absent
    }

    /// True if a proxy has forwarded the request: each adds at least one of these headers.
    func isFromProxy(in bytes: Span<UInt8>) -> Bool {
        // Not an array of the names: each request would allocate it.
        contains(.xForwardedFor, in: bytes) || contains(.flyForwardedPort, in: bytes)
            || contains(.flyClientIP, in: bytes) || contains(.forwarded, in: bytes) || contains(.via, in: bytes)
            || contains(.xRealIP, in: bytes) || contains(.xForwardedProto, in: bytes)
    }
}
