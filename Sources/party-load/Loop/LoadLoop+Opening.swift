internal import RelayWire

extension LoadLoop {
    /// Connects these members, as many at a time as may be.
    func enqueue(_ added: some Sequence<Member>) {
        toOpen.append(contentsOf: added)
    }

    func openMore() {
        while opening < share.inFlight, nextToOpen < toOpen.count {
            let member = toOpen[nextToOpen]
            nextToOpen += 1
            // Its host was lost.
            guard !member.room.isBroken, member.phase == .away else { continue }
            open(member)
        }
        if nextToOpen == toOpen.count {
            toOpen.removeAll(keepingCapacity: true)
            nextToOpen = 0
        }
    }

    private func open(_ member: Member) {
        member.openedAt = Clocks.monotonic()
        let source = share.sources.isEmpty ? nil : share.sources[dialed % share.sources.count]
        dialed += 1
        guard let descriptor = ClientSocket.connect(to: share.server, from: source) else {
            return failed(member)
        }
        member.descriptor = descriptor
        guard queue.add(descriptor, token: member.index) else { return failed(member) }
        member.phase = .upgrading
        opening += 1
        member.control.append(contentsOf: request)
        // On a machine's own addresses the connection is there already; else the kernel says when it is.
        flush(member)
    }

    /// The server has agreed to the upgrade.
    func upgraded(_ member: Member) {
        guard plan.members > 0 else { return seat(member) }
        member.phase = .entering
        let hasRoom = !member.isHost || member.slot == 0
        let text =
            hasRoom
            ? ClientText.join(clientID: member.clientID, room: member.room.code)
            : ClientText.create(clientID: member.clientID, maxClients: plan.members)
        say(.text, text.span, to: member)
    }

    /// The server has given a place in the room.
    func entered(_ member: Member, _ text: ServerText, in bytes: Span<UInt8>) {
        let isExpected = member.phase == .entering && member.room.bySlot.indices.contains(text.slot)
        guard isExpected, member.slot < 0 || member.slot == text.slot else { return garbled(member) }
        if text.kind == .created {
            guard member.isHost, member.slot < 0 else { return garbled(member) }
            member.room.code = text.code.map { bytes[$0] }
        }
        member.slot = text.slot
        member.room.bySlot[text.slot] = member
        seat(member)
    }

    private func seat(_ member: Member) {
        member.phase = .seated
        opening -= 1
        seated += 1
        lastProgress = now
        control.connections.add(1)
        traffic?.seated(member, self)
    }

    /// Opens these members, and waits until each is in its room or has failed.
    func openAll(_ first: some Sequence<Member>) {
        lastProgress = now
        enqueue(first)
        openMore()
        while isOpening, !control.isCutShort {
            turn(until: now + patience)
            guard now < lastProgress + patience else { return giveUpOpening() }
        }
    }

    var isOpening: Bool { opening > 0 || nextToOpen < toOpen.count }

    /// Nothing went ahead for too long.
    func giveUpOpening() {
        for member in members where member.isOpening { failed(member) }
        meter.failures.connect += toOpen.count - nextToOpen
        nextToOpen = toOpen.count
    }

    /// The connection did not come about, or did not get into its room.
    func failed(_ member: Member) {
        meter.failures.connect += 1
        drop(member)
    }

    /// The server said what no server may say.
    func garbled(_ member: Member) {
        meter.failures.errors += 1
        drop(member)
    }

    /// The connection has ended, or will not be read any more.
    func ended(_ member: Member) {
        switch member.phase {
        case .away: break
        case .upgrading, .entering: failed(member)
        case .seated:
            meter.failures.closed += 1
            drop(member)
        case .leaving:
            hangUp(member)
            traffic?.left(member, self)
        }
    }

    /// Ends a connection that has failed, and with it what its room can tell.
    private func drop(_ member: Member) {
        member.room.isBroken = true
        hangUp(member)
        traffic?.lost(member, self)
    }

    /// Closes the socket; the member keeps its identity and its slot.
    func hangUp(_ member: Member) {
        if member.isOpening { opening -= 1 }
        if member.phase == .seated { seated -= 1 }
        if member.descriptor >= 0 { ClientSocket.abandon(member.descriptor) }
        member.reset()
    }
}
