package import RelayCore

extension Cluster {
    /// Gives a room to a sibling of the region that takes rooms, the youngest first.
    ///
    /// Only with `taken` does a sibling have the room. With any other result it may have it for a moment, and was told to
    /// forget it. A call takes a few seconds at most once its turn has come: so many rooms travel at once. Cancelling the
    /// caller's task ends it at once.
    ///
    /// - Parameters:
    ///   - record: the encoding of the room's record.
    ///   - former: the sibling that has taken the room as it was before.
    package func handOver(
        _ code: RoomCode, record: [UInt8], after former: InstanceID? = nil, secret: ClusterSecret
    ) async -> HandoverResult {
        let room = HandoverSender.Room(code: code, record: record, secret: secret)
        return await answer(otherwise: .cancelled) {
            $0.handovers.handOver(room, after: former, share: $1, reply: $2)
        } abandon: {
            $0.handovers.abandon(share: $1)
        }
    }

    /// True if a sibling takes rooms, as far as it said in the last two seconds.
    package func hasTaker() async -> Bool {
        await answer(otherwise: false) {
            $0.handovers.findTaker(share: $1, reply: $2)
        } abandon: {
            $0.handovers.abandon(share: $1)
        }
    }

    /// Tells the sibling that has taken a room to forget it again: it goes on here after all.
    ///
    /// It does so unless somebody has come to the room there. Returns when it has answered, or after 2 s.
    package func takeBack(_ code: RoomCode, from sibling: InstanceID, secret: ClusterSecret) async {
        let room = HandoverSender.Room(code: code, record: [], secret: secret)
        await answer(otherwise: ()) { searches, share, reply in
            searches.handovers.takeBack(room, from: sibling, share: share) { reply(()) }
        } abandon: {
            $0.handovers.abandon(share: $1)
        }
    }
}
