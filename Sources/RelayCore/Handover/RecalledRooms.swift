/// The rooms that other machines have wanted forgotten, for as long as an earlier order to take one of them would pass for
/// timely.
///
/// A machine that stands still for some seconds finds both orders when it goes on, and not always in the order in which they
/// were given. Only authentic orders are noted, so nobody without the secret can fill it.
package struct RecalledRooms: Sendable {
    /// Those beyond are not noted.
    static let most = 32_768
    private static let seconds = 2 * HandoverSignature.window

    private var times: [RoomCode: Int] = [:]

    package init() {}

    package var count: Int { times.count }

    /// - Parameter time: the seconds since 1970 at which the order was given.
    package mutating func note(_ code: RoomCode, at time: Int) {
        if times.count >= Self.most { times = times.filter { $0.value > time - Self.seconds } }
        guard times.count < Self.most || times[code] != nil else { return }
        times[code] = max(times[code] ?? time, time)
    }

    /// True if the room was taken back after this time.
    package func contains(_ code: RoomCode, after time: Int) -> Bool {
        if times.isEmpty { return false }
        return times[code].map { $0 > time } ?? false
    }
}
