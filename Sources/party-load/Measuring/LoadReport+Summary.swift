internal import Foundation

extension LoadReport {
    /// The report as a few lines of text.
    var summary: String {
        var lines = ["\(title): \(result)"]
        if meter.latencyCount > 0 {
            let values = [("p50", 50.0), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("max", 100)]
            lines.append(
                "  latency  "
                    + values.map { "\($0.0) \(micro(meter.latency(percentile: $0.1)))" }.joined(separator: ", "))
        }
        if let server { lines.append("  server   " + text(of: server)) }
        lines.append(
            "  load     \(micro(loadCost)) of processor each, busiest thread \(percent(busiestShare)) of a core")
        if busiestShare > 0.9 { lines.append("  the load generator is at its limit: give it more threads") }
        let failures = meter.failures
        if failures.total > 0 {
            lines.append(
                "  FAILED   connect \(failures.connect), closed \(failures.closed), errors \(failures.errors), "
                    + "lost \(failures.lost)")
        }
        if isInterrupted { lines.append("  interrupted: this is what was measured so far") }
        return lines.joined(separator: "\n")
    }

    /// Why the run has failed, as far as that is known; nil if it has not.
    var trouble: String? {
        let failures = meter.failures
        guard failures.total > 0, !isInterrupted else { return nil }
        if failures.connect > 0, meter.opened.count == 0 {
            let reason = FirstReason.text ?? "it agrees to no WebSocket within \(plan.patience) s"
            return "cannot connect to \(plan.url): \(reason)"
        }
        return FirstReason.text.map { "the first failure with \(plan.url): \($0)" }
    }

    /// What has held up the run without a failure, if anything has.
    var doubt: String? {
        guard isThrottled == true else { return nil }
        return "the relay has throttled a load, most likely this one: MESSAGES_PER_SECOND=0 lifts the limit"
    }

    private var title: String {
        let rooms = plan.members > 0 ? "\(plan.roomCount) rooms of \(plan.members)" : "no rooms"
        return switch plan.shape {
        case .state, .input: "\(plan.shape.rawValue), \(rooms), \(plan.payload) B, window \(plan.window)"
        case .paced, .churn: "\(plan.shape.rawValue), \(rooms), \(plan.payload) B, \(plan.rate) Hz"
        case .idle, .connect: "\(plan.shape.rawValue), \(rooms)"
        }
    }

    private var result: String {
        var parts: [String] = []
        if let deliveriesPerSecond { parts.append("\(whole(deliveriesPerSecond)) deliveries/s") }
        if !hasMessages || plan.shape == .churn {
            parts.append("\(meter.opened.count) connections")
            if let rate = meter.opened.rate { parts.append("\(whole(rate)) connections/s") }
            if let rate = meter.entered.rate { parts.append("\(whole(rate)) joins/s") }
            if let rate = meter.reentered.rate { parts.append("\(whole(rate)) rejoins/s") }
        }
        return parts.joined(separator: ", ")
    }

    /// The load generator's own processor time per delivery, or per connection if there are no deliveries.
    private var loadCost: Double? {
        let count = hasMessages ? meter.deliveries : meter.opened.count
        return count > 0 ? loadProcessorSeconds / Double(count) : nil
    }

    private func text(of server: ServerUse) -> String {
        var parts: [String] = []
        if let cost = processorSecondsPerDelivery { parts.append("\(micro(cost)) of processor each") }
        if let used = server.processorSeconds, seconds > 0 { parts.append("\(percent(used / seconds)) of a core") }
        if let after = server.residentBytesAfter { parts.append("\(after / 1_024) KiB resident") }
        if let each = residentBytesPerConnection { parts.append("\(whole(each)) bytes per connection") }
        return parts.isEmpty ? "has ended" : parts.joined(separator: ", ")
    }

    private func whole(_ value: Double) -> String { String(format: "%.0f", value) }
    private func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }
    private func micro(_ seconds: Double?) -> String {
        seconds.map { String(format: $0 < 0.01 ? "%.2f us" : "%.0f us", $0 * 1_000_000) } ?? "none"
    }
}
