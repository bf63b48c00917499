internal import Glibc

/// The progress of a run: one line on the terminal, rewritten several times a second. Silent without a terminal.
final class Progress {
    private let isShown: Bool
    private var shownAt: UInt64 = 0
    private var last: (time: UInt64, deliveries: Int) = (0, 0)

    private static let interval: UInt64 = 250_000_000

    init(isWanted: Bool) {
        isShown = isWanted && isatty(STDERR_FILENO) == 1
    }

    func show(_ control: RunControl, course: RunControl.Course?, _ plan: LoadPlan) {
        let now = Clocks.monotonic()
        guard isShown, now >= shownAt + Progress.interval else { return }
        shownAt = now
        let connections = control.connections.current
        guard let course, course.until < .max, now < course.until else {
            return write("\r\u{1B}[K\(plan.shape.rawValue): \(connections) connections")
        }
        let deliveries = control.deliveries.current
        let rate = last.time > 0 ? Double(deliveries - last.deliveries) * Clocks.second / Double(now - last.time) : 0
        last = (now, deliveries)
        let left = (Double(course.until - now) / Clocks.second).rounded(.up)
        let stage = now < course.from ? "warming up, " : ""
        write("\r\u{1B}[K\(plan.shape.rawValue): \(stage)\(Int(left)) s left, \(Int(rate)) deliveries/s")
    }

    func clear() {
        guard isShown else { return }
        write("\r\u{1B}[K")
    }

    private func write(_ text: String) {
        var text = text
        _ = text.withUTF8 { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
