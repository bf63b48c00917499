internal import Logging

/// Sends to many connections with one call.
extension SocketLoop {
    /// Sends what was queued, in batches as large as the ring takes.
    ///
    /// - Returns: how many of the dirty connections that has done with: fewer than all if the ring has failed, and is gone.
    func flushInBatches(with ring: consuming SendRing) -> Int {
        var ring = ring
        var next = 0
        while unsafe next < dirty.count {
            next = fill(&ring, from: next)
            guard ring.count > 0 else { break }
            let failure = submit(&ring)
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
    private func fill(_ ring: inout SendRing, from first: Int) -> Int {
        var next = first
        while unsafe next < dirty.count, !ring.isFull {
            // The table or the graveyard holds it until the turn ends.
            unsafe dirty[next]._withUnsafeGuaranteedRef { connection in
                connection.isDirty = false
                guard takesOutput(connection) else { return }
                unsafe ring.add(connection.output.unsent, to: connection.descriptor)
                unsafe batch.append(Unmanaged.passUnretained(connection))
            }
            next += 1
        }
        return next
    }

    private func submit(_ ring: inout SendRing) -> SystemError? {
        do throws(SystemError) {
            try ring.submit()
            counters.sendBatches.add(1)
            return nil
        } catch {
            return error
        }
    }

    /// None of these ends another connection at once: what is doomed is ended after the flush.
    private func noteOutcomes(of ring: inout SendRing) {
        for place in 0..<ring.count {
            let outcome = ring.outcome(of: place)
            unsafe batch[place]._withUnsafeGuaranteedRef { connection in
                if let outcome { note(outcome, of: connection) } else { push(connection) }
            }
        }
        unsafe batch.removeAll(keepingCapacity: true)
        ring.removeAll()
    }

    private func leaveRing(because failure: SystemError) {
        counters.ring.add(-1)
        logger.warning(
            "io_uring has failed, sends go on without it", metadata: ["error": "\(failure)", "loop": "\(index)"])
    }
}
