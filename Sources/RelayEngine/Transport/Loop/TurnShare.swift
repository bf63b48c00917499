/// The share of a turn that one connection gets: the more are ready, the less each, so that nobody waits long for the
/// others' work.
struct TurnShare {
    /// Bytes read.
    let bytes: Int
    /// Sends caused; one more message may exceed it.
    let sends: Int

    /// - Parameter ready: the number of connections that are ready.
    init(ready: Int) {
        bytes = min(max(TransportSettings.bytesPerRound / max(ready, 1), 4 << 10), TransportSettings.readBytes)
        sends = min(max(TransportSettings.sendsPerRound / max(ready, 1), 64), TransportSettings.sendsPerTurn)
    }
}
