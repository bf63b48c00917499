/// Who gets a message.
public enum Recipients: Hashable, Sendable {
    /// Every other member.
    case others
    /// The member at this index. To oneself: an echo.
    case one(Int)
    /// The members at these indices, as far as they are connected. An old relay does not know this.
    case these([Int])
}
