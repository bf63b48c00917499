internal import RelayWire

extension LoadLoop {
    func read(_ member: Member) {
        guard member.descriptor >= 0 else { return }
        let rest = member.rest.count
        let start = LoadLoop.headroom - rest
        let count = unsafe ClientSocket.read(
            member.descriptor, into: UnsafeMutableRawBufferPointer(rebasing: readBuffer[LoadLoop.headroom...]))
        guard count > 0 else {
            if count != -1 { ended(member) }
            return
        }
        now = Clocks.monotonic()
        if rest > 0 {
            unsafe member.rest.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: readBuffer[start...]).copyMemory(from: $0)
            }
            member.rest.removeAll(keepingCapacity: true)
        }
        // The buffer is not written to again before the span is gone: the next read comes with the next call.
        let bytes = unsafe Span<UInt8>(
            _unsafeBytes: UnsafeRawBufferPointer(rebasing: readBuffer[start..<LoadLoop.headroom + count]))
        var offset = 0
        if member.phase == .upgrading { offset = readHead(bytes, of: member) }
        if member.phase != .upgrading, member.phase != .away { offset = scan(bytes, from: offset, of: member) }
        guard member.phase != .away, offset < bytes.count else { return }
        guard bytes.count - offset <= LoadLoop.headroom else { return garbled(member) }
        member.rest.append(copying: bytes.extracting(offset..<bytes.count))
    }

    /// - Returns: the length of the head, or 0 while it is not whole.
    private func readHead(_ bytes: Span<UInt8>, of member: Member) -> Int {
        do {
            var parser = ResponseHeadParser()
            guard let head = try parser.parse(bytes) else { return 0 }
            _ = try handshake.verify(head, in: bytes)
            upgraded(member)
            return head.length
        } catch {
            failed(member)
            return 0
        }
    }

    /// Handles whole frames.
    ///
    /// Messages in a row from one sender are counted together: one call each for what came with one read.
    ///
    /// - Returns: up to where the bytes are done with.
    private func scan(_ bytes: Span<UInt8>, from start: Int, of member: Member) -> Int {
        var offset = start
        // A copy, so that the member is not accessed for every frame.
        var scanner = member.scanner
        var sender = 0
        var count = 0
        do {
            while let event = try scanner.next(in: bytes, at: &offset) {
                if case .text(let text) = event, text.kind == .message {
                    if text.slot != sender {
                        deliver(count, from: sender, to: member)
                        if member.phase == .away { return offset }
                        (sender, count) = (text.slot, 0)
                    }
                    count += 1
                } else {
                    handle(event, of: member, in: bytes)
                    if member.phase == .away { return offset }
                }
            }
        } catch {
            garbled(member)
            return offset
        }
        deliver(count, from: sender, to: member)
        if member.phase != .away { member.scanner = scanner }
        return offset
    }

    @inline(__always)
    private func deliver(_ count: Int, from slot: Int, to member: Member) {
        guard count > 0 else { return }
        heardDeliveries += count
        if meter.isOpen { meter.deliveries += count }
        // Who has said goodbye may still hear something.
        guard !member.room.isBroken, member.phase != .leaving, let traffic else { return }
        guard member.phase == .seated, slot < member.room.bySlot.count, let sender = member.room.bySlot[slot] else {
            return garbled(member)
        }
        traffic.delivered(count, from: sender, to: member, self)
    }

    private func handle(_ event: FrameScanner.Event, of member: Member, in bytes: Span<UInt8>) {
        switch event {
        case .text(let text):
            switch text.kind {
            case .created, .joined: entered(member, text, in: bytes)
            case .error where member.phase == .entering: failed(member)
            case .error, .unknown: garbled(member)
            case .message, .peer, .state: break
            }
        case .ping(let payload): say(.pong, bytes.extracting(payload), to: member)
        case .close: ended(member)
        case .other: break
        }
    }
}

extension [UInt8] {
    /// Appends the bytes of a span with one copy.
    fileprivate mutating func append(copying bytes: Span<UInt8>) {
        // The pointer does not leave the closure.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
