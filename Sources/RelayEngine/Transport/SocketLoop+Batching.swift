internal import Logging

/// Sends to many connections, and reads from many, with one call.
extension SocketLoop {
    /// Sends what was queued, in batches as large as the ring takes.
    ///
    /// - Returns: how many of the dirty connections that has done with: fewer than all if the ring has failed, and is gone.
    func flushInBatches(with ring: consuming SocketRing) -> Int {
        var ring = ring
        var next = 0
        while unsafe next < dirty.count {
            next = fill(&ring, from: next)
            guard ring.count > 0 else { break }
            let failure = submit(&ring, counters.sendBatches)
            noteOutcomes(of: &ring)
            if let failure {
                leaveRing(because: failure)
                return next
            }
        }
        self.ring = consume ring
        return next
    }

    /// From here until `submit` has returned nothing may touch the output of a connection: the kernel reads it.
    private func fill(_ ring: inout SocketRing, from first: Int) -> Int {
        var next = first
        while unsafe next < dirty.count, !ring.isFull {
            // The table or the graveyard holds it until the turn ends.
            unsafe dirty[next]._withUnsafeGuaranteedRef { connection in
                connection.isDirty = false
                guard takesOutput(connection) else { return }
                unsafe ring.addSend(connection.output.unsent, to: connection.descriptor)
                unsafe batch.append(Unmanaged.passUnretained(connection))
            }
            next += 1
        }
        return next
    }

    private func submit(_ ring: inout SocketRing, _ batches: borrowing Counter) -> SystemError? {
        do throws(SystemError) {
            try ring.submit()
            batches.add(1)
            return nil
        } catch {
            return error
        }
    }

    /// None of these ends another connection at once: what is doomed is ended after the flush.
    private func noteOutcomes(of ring: inout SocketRing) {
        for place in 0..<ring.count {
            let outcome = ring.writeOutcome(of: place)
            unsafe batch[place]._withUnsafeGuaranteedRef { connection in
                if let outcome { note(outcome, of: connection) } else { push(connection) }
            }
        }
        unsafe batch.removeAll(keepingCapacity: true)
        ring.removeAll()
    }

    /// Reads what some of those that are ready have sent, before each has its turn.
    ///
    /// - Parameter range: their indices in what the poller has found, no more than there are places.
    func readAhead(_ range: Range<Int>) {
        guard range.count >= settings.fewestCallsPerBatch, var ring = ring.take() else { return }
        for index in range {
            guard let socket = socketToReadAhead(poller.readiness(index)) else { continue }
            ahead.add(index - range.lowerBound, from: socket, to: &ring)
        }
        let isWorthIt = ring.count >= settings.fewestCallsPerBatch
        let failure = isWorthIt ? submit(&ring, counters.receiveBatches) : nil
        ahead.collect(from: ring)
        ring.removeAll()
        if let failure { leaveRing(because: failure) } else { self.ring = consume ring }
    }

    /// The socket of a WebSocket that is simply to be read: nothing is left of what it has sent before.
    private func socketToReadAhead(_ readiness: Poller.Readiness) -> Int32? {
        guard readiness.isReadable, let key = readiness.connection, let connection = unsafe lent(key) else {
            return nil
        }
        return unsafe connection._withUnsafeGuaranteedRef { connection in
            guard connection.phase == .webSocket, connection.input.isEmpty, !connection.sendsMuch else { return nil }
            guard connection.reading == .open else { return nil }
            return connection.descriptor
        }
    }

    private func leaveRing(because failure: SystemError) {
        counters.ring.add(-1)
        logger.warning(
            "io_uring has failed, the loop goes on without it", metadata: ["error": "\(failure)", "loop": "\(index)"])
    }
}
