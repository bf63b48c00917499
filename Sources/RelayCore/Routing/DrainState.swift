/// Whether this machine is on its way out, as far as routing needs to know.
///
/// A game that starts now would be cut short by the end of the drain, so it had better start where it can stay.
package struct DrainState: Hashable, Sendable {
    /// No room is created here any more.
    package var isDraining: Bool
    /// Some other machine takes new games, or did moments ago.
    package var hasPlaceElsewhere: Bool

    package init(isDraining: Bool, hasPlaceElsewhere: Bool) {
        self.isDraining = isDraining
        self.hasPlaceElsewhere = hasPlaceElsewhere
    }

    /// Where nobody else would take them, players are let in: they may have come for a room that is here.
    var sendsNewGamesElsewhere: Bool { isDraining && hasPlaceElsewhere }
}
