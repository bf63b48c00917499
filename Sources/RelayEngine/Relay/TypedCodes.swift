internal import NIOConcurrencyHelpers
internal import RelayCore

/// What is meant by a code that somebody has typed in lower case, where new codes are easy: mostly the easy one.
///
/// But a room may have a mixed code, from before a restart or from another machine, whose players have it as it is. Such
/// codes of this machine are noted here, as far as they could be taken for easy ones.
final class TypedCodes: Sendable {
    private let isEasy: Bool
    private let mixed = NIOLockedValueBox<Set<RoomCode>>([])

    init(_ style: CodeStyle) {
        isEasy = style == .easy
    }

    func roomBegan(_ code: RoomCode) {
        guard isEasy, code.couldBeEasy else { return }
        mixed.withLockedValue { _ = $0.insert(code) }
    }

    func roomEnded(_ code: RoomCode) {
        guard isEasy, code.couldBeEasy else { return }
        mixed.withLockedValue { _ = $0.remove(code) }
    }

    /// - Parameters:
    ///   - exact: the code as it was typed; nil if that is none.
    ///   - capitals: the easy code that it is in capitals; nil if it is none.
    func meant(_ exact: RoomCode?, inCapitals capitals: RoomCode?) -> RoomCode? {
        guard isEasy, let capitals else { return exact }
        if let exact, mixed.withLockedValue({ $0.contains(exact) }) { return exact }
        return capitals
    }

    /// The target of a request, with the code that is meant by its path.
    ///
    /// - Parameter raw: the target's bytes.
    func meant(_ target: RequestTarget, _ raw: Span<UInt8>) -> RequestTarget {
        guard isEasy, let capitals = target.inCapitals(raw) else { return target }
        let (exact, easy) = (target.endpoint.homeOfRoom, capitals.endpoint.homeOfRoom)
        return meant(exact, inCapitals: easy) == exact ? target : capitals
    }
}
