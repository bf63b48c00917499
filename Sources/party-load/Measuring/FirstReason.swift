internal import Synchronization

/// The reason of the first failure in this process, in words for its user: those that follow are mostly its consequences.
enum FirstReason {
    private static let told = Mutex<String?>(nil)

    /// Nil as long as nothing has failed for a reason that is known.
    static var text: String? { told.withLock { $0 } }

    static func note(_ reason: @autoclosure () -> String) {
        told.withLock { if $0 == nil { $0 = reason() } }
    }
}
