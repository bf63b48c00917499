/// The state of this machine's drain, as routing needs it.
///
/// A game that starts during a drain would be cut short by its end, so it should start on another machine.
package struct DrainState: Hashable, Sendable {
    /// True if no room is created here any more.
    package var isDraining: Bool
    /// True if some other machine takes new games, or did moments ago.
    package var hasReadyPeer: Bool

    package init(isDraining: Bool, hasReadyPeer: Bool) {
        self.isDraining = isDraining
        self.hasReadyPeer = hasReadyPeer
    }

    /// Without another machine that takes new games, players are let in: they may have come for a room that is here.
    var sendsNewGamesElsewhere: Bool { isDraining && hasReadyPeer }
}
