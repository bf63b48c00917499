/// The sockets that the search on other machines may have open.
///
/// Loop-bound. Whoever gets none is called when one is free, in turn.
final class SocketBudget {
    private var free: Int
    /// Called when somebody begins to wait: an idle connection should go.
    var onShortage: () -> Void = {}
    private var waiting: [(waiter: AnyObject, resume: () -> Void)] = []

    init(_ count: Int) {
        free = max(count, 1)
    }

    /// True if somebody waits for a socket, so that idle connections should go.
    var isShort: Bool { !waiting.isEmpty }

    /// Takes a socket; false if there is none.
    func take() -> Bool {
        guard free > 0 else { return false }
        free -= 1
        return true
    }

    /// Calls back once when a socket may be free. A waiter waits once at most.
    func wait(_ waiter: AnyObject, resume: @escaping () -> Void) {
        guard !waiting.contains(where: { $0.waiter === waiter }) else { return }
        waiting.append((waiter, resume))
        onShortage()
    }

    func release() {
        free += 1
        // Whoever is called may need none any more.
        while free > 0, !waiting.isEmpty { waiting.removeFirst().resume() }
    }
}
