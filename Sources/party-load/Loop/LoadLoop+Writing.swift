internal import RelayWire

extension LoadLoop {
    /// Queues one frame that is no part of the traffic, until the end of the turn.
    func say(_ opcode: Opcode, _ payload: Span<UInt8>, to member: Member) {
        FrameWriter.append(opcode, payload: payload, maskingKey: maskingKey, to: &member.control)
        touch(member)
    }

    /// Says goodbye; the server is expected to close the connection.
    func leave(_ member: Member) {
        guard member.phase == .seated else { return }
        member.phase = .leaving
        seated -= 1
        FrameWriter.appendClose(.normal, maskingKey: maskingKey, to: &member.control)
        touch(member)
    }

    /// Has the member send its frame so many times more.
    @inline(__always)
    func send(_ count: Int, from member: Member) {
        member.trafficLeft += count * frame(of: member).frameLength
        if meter.isOpen { meter.sent += count }
        touch(member)
    }

    private func frame(of member: Member) -> RepeatedFrame {
        member.isHost ? hostFrame : guestFrame
    }

    /// Sends what the kernel takes. A frame that was begun is finished before another comes between.
    func flush(_ member: Member) {
        let frame = frame(of: member)
        while member.descriptor >= 0 {
            let isBetweenFrames = member.trafficOffset == 0
            let taken: Int
            if !member.control.isEmpty, isBetweenFrames || member.trafficLeft == 0 {
                taken = sendControl(of: member)
            } else if member.trafficLeft > 0 {
                let longest = frame.bytes.count - member.trafficOffset
                let wanted = member.control.isEmpty ? longest : frame.frameLength - member.trafficOffset
                taken = sendTraffic(of: member, frame, atMost: min(wanted, member.trafficLeft))
            } else {
                return wait(member, toWrite: false)
            }
            if taken == -1 { return wait(member, toWrite: true) }
            if taken == -2 { return ended(member) }
        }
    }

    private func sendControl(of member: Member) -> Int {
        let taken = unsafe member.control.withUnsafeBytes {
            unsafe ClientSocket.write(
                member.descriptor, UnsafeRawBufferPointer(rebasing: $0[member.controlSent...]))
        }
        guard taken > 0 else { return taken }
        member.controlSent += taken
        if member.controlSent == member.control.count {
            member.control.removeAll(keepingCapacity: true)
            member.controlSent = 0
        }
        return taken
    }

    private func sendTraffic(of member: Member, _ frame: RepeatedFrame, atMost count: Int) -> Int {
        let taken = unsafe frame.bytes.withUnsafeBytes {
            let start = member.trafficOffset
            return unsafe ClientSocket.write(
                member.descriptor, UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
        }
        guard taken > 0 else { return taken }
        member.trafficLeft -= taken
        member.trafficOffset = (member.trafficOffset + taken) % frame.frameLength
        return taken
    }

    /// Whether the kernel is to say when it takes more.
    func wait(_ member: Member, toWrite waits: Bool) {
        guard member.waitsToWrite != waits else { return }
        member.waitsToWrite = waits
        queue.watch(member.descriptor, token: member.index, forWriting: waits)
    }
}
