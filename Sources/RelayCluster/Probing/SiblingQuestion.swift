internal import NIOCore
internal import RelayCore

/// A question to one sibling on behalf of one lookup: does it have this room?
///
/// Loop-bound. Its outcome is reported once. It may end before it has left, or while its answer is under way; the answer
/// is then read and dropped.
final class SiblingQuestion {
    /// What the answer is for.
    enum Purpose {
        /// The sibling is the one that should have the room: this goes first.
        case hint
        /// It is one of all siblings.
        case search
    }

    let code: RoomCode
    let purpose: Purpose
    /// The connections that ended before they had answered it.
    var broken = 0
    /// True once it has been sent, or is about to be.
    var hasLeft = false
    /// Called once, after the outcome has been reported.
    var onSettled: () -> Void = {}
    /// Called once, with the outcome.
    var onEnd: (ProbeOutcome) -> Void = { _ in }
    /// True while somebody waits for the outcome.
    private(set) var isOpen = true

    init(_ code: RoomCode, _ purpose: Purpose) {
        self.code = code
        self.purpose = purpose
    }

    func end(_ outcome: ProbeOutcome) {
        guard isOpen else { return }
        isOpen = false
        onEnd(outcome)
        onEnd = { _ in }
        onSettled()
        onSettled = {}
    }
}
