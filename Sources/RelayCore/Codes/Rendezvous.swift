/// The machines of a region, and the one among them that wins a code: highest-random-weight hashing (Thaler and
/// Ravishankar, 1998).
///
/// A machine draws only codes that it wins, so any other that has the same list knows whom to ask first. Lists may
/// differ for a while and codes outlive them, so the winner is a hint and no rule.
///
/// The weight of a code at a machine is the same on every platform and in every release:
///
///     mix(x)           the finaliser of SplitMix64
///     seed(id)         mix(FNV-1a, 64 bits, of the id's bytes)
///     weight(id, code) mix(seed(id) xor mix(number of the code + 0x9E3779B97F4A7C15)), all modulo 2^64
///
/// The greatest weight wins; of two machines with one seed, the one whose id is the smaller by its bytes.
package struct Rendezvous: Hashable, Sendable {
    private struct Machine: Hashable, Sendable {
        let id: InstanceID
        let seed: UInt64

        init(_ id: InstanceID) {
            self.id = id
            seed = Rendezvous.seed(of: id)
        }

        /// - Parameter key: the mixed number of the code.
        func beats(_ other: Machine, key: UInt64) -> Bool {
            let (own, others) = (Rendezvous.mix(seed ^ key), Rendezvous.mix(other.seed ^ key))
            return own == others ? id.text.utf8.lexicographicallyPrecedes(other.id.text.utf8) : own > others
        }
    }

    private let machines: [Machine]

    package init(_ ids: some Sequence<InstanceID>) {
        machines = ids.map { Machine($0) }
    }

    package var count: Int { machines.count }

    /// The machine that wins a code; nil without machines.
    package func winner(of code: RoomCode) -> InstanceID? {
        let key = Rendezvous.key(of: code)
        return machines.max { $1.beats($0, key: key) }?.id
    }

    /// All machines, the winner of the code first, and behind each the one that would win without it.
    package func order(for code: RoomCode) -> [InstanceID] {
        let key = Rendezvous.key(of: code)
        return machines.sorted { $0.beats($1, key: key) }.map(\.id)
    }

    /// True if this machine, in the list or not, wins the code against all others.
    ///
    /// A code that it does not win is known as such after few comparisons: the logarithm of the number of machines, on
    /// average.
    package func isWon(by own: InstanceID, _ code: RoomCode) -> Bool {
        let (own, key) = (Machine(own), Rendezvous.key(of: code))
        return !machines.contains { $0.id != own.id && $0.beats(own, key: key) }
    }

    /// The weight of a code at a machine.
    package static func weight(of code: RoomCode, at id: InstanceID) -> UInt64 {
        mix(seed(of: id) ^ key(of: code))
    }

    private static func key(of code: RoomCode) -> UInt64 {
        mix(code.number &+ 0x9E37_79B9_7F4A_7C15)
    }

    private static func seed(of id: InstanceID) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return mix(hash)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
