package import RelayCore

/// Where a draining machine's rooms go.
package struct RoomTaker: Sendable {
    /// True if there is a machine that takes rooms. Asked before a room stands still.
    package let isThere: @Sendable () async -> Bool
    /// Gives a room's encoded record to another machine, first to the one that has it as it was before; nil if none takes
    /// it.
    package let give: @Sendable (RoomCode, [UInt8], _ former: InstanceID?) async -> InstanceID?
    /// Tells that machine to forget the room.
    package let takeBack: @Sendable (RoomCode, InstanceID) async -> Void

    package init(
        isThere: @escaping @Sendable () async -> Bool,
        give: @escaping @Sendable (RoomCode, [UInt8], _ former: InstanceID?) async -> InstanceID?,
        takeBack: @escaping @Sendable (RoomCode, InstanceID) async -> Void
    ) {
        self.isThere = isThere
        self.give = give
        self.takeBack = takeBack
    }
}

extension RelayEngine {
    /// Rooms on their way at the same time. Their members wait meanwhile, so they should not be many.
    private static let roomsAtOnce = 32
    /// How often a room may change while it travels, until what its members send is delivered and not kept.
    private static let journeys = 3

    /// Hands all rooms over, evenly over some seconds; what no machine takes goes on here.
    ///
    /// Cancelling the task lets all rooms go on here that no machine has taken yet.
    ///
    /// - Returns: the number of rooms that were taken.
    @discardableResult
    package func handOver(to taker: RoomTaker, over seconds: Int) async -> Int {
        guard await taker.isThere() else { return 0 }
        let codes = await rooms()
        let start = ContinuousClock.now
        return await withTaskGroup(of: Bool.self) { journeys in
            var taken = 0
            for (place, code) in codes.enumerated() where !Task.isCancelled {
                if place >= RelayEngine.roomsAtOnce, await journeys.next() == true { taken += 1 }
                try? await Task.sleep(until: start + .seconds(seconds) * place / codes.count, clock: .continuous)
                journeys.addTask { await self.handOver(code, to: taker) }
            }
            for await isTaken in journeys where isTaken { taken += 1 }
            return taken
        }
    }

    /// Stops all rooms, and tells their records. Until `stay` nothing is read of their members.
    package func departAll() async -> [RoomRecord] {
        var records: [RoomRecord] = []
        for code in await rooms() {
            if let record = await depart(code) { records.append(record) }
        }
        return records
    }

    /// Lets rooms go on that have departed.
    package func stay(_ codes: some Sequence<RoomCode>) {
        for code in codes { post(.stay(code), for: code) }
    }

    private func rooms() async -> [RoomCode] {
        var codes: [RoomCode] = []
        for loop in 0..<loopCount {
            codes += await Reply.wait { reply in post(.list(reply), toLoop: loop) } ?? []
        }
        return codes
    }

    /// - Returns: true if another machine has the room.
    private func handOver(_ code: RoomCode, to taker: RoomTaker) async -> Bool {
        guard await taker.isThere(), var record = await depart(code) else { return false }
        var newHome: InstanceID?
        for journey in 1...RelayEngine.journeys {
            let bytes = record.encoded()
            guard bytes.count <= RoomRecord.maximumEncodedBytes, let taken = await taker.give(code, bytes, newHome)
            else {
                break
            }
            if let former = newHome, former != taken { await taker.takeBack(code, former) }
            newHome = taken
            let departure = await Reply.wait { reply in
                post(
                    .confirm(code, newHome: taken, mayChange: journey < RelayEngine.journeys, reply), for: code)
            }
            switch departure {
            case .gone:
                return true
            case .changed(let changed):
                record = changed
            case .ended:
                await taker.takeBack(code, taken)
                return false
            case nil:
                return false
            }
        }
        // Before it goes on here, lest there be two of it. Where the loop has ended, so has the room: the other machine's is
        // the only one.
        if let newHome, await isOwned(code) { await taker.takeBack(code, newHome) }
        stay(CollectionOfOne(code))
        return false
    }

    /// True if the loop that owns the room runs.
    private func isOwned(_ code: RoomCode) async -> Bool {
        await Reply.wait { reply in post(.list(reply), for: code) } != nil
    }

    private func depart(_ code: RoomCode) async -> RoomRecord? {
        await Reply.wait { reply in post(.depart(code, reply), for: code) }
    }
}
