/// The result of a run.
struct LoadReport: Sendable {
    let plan: LoadPlan
    let meter: LoopMeter
    /// The measured time.
    let seconds: Double
    let busiestShare: Double
    let server: ServerUse?
    let isInterrupted: Bool
    /// True if the relay has held messages back meanwhile, this load's or others', by its own count; nil if it does not
    /// tell.
    var isThrottled: Bool?

    /// The resources used by the server's process.
    struct ServerUse: Sendable {
        let identifier: Int32
        let processorSeconds: Double?
        let residentBytesBefore: Int?
        let residentBytesAfter: Int?
    }

    /// True for the shapes that send messages.
    var hasMessages: Bool { plan.hasMessages }

    var deliveriesPerSecond: Double? { hasMessages && seconds > 0 ? Double(meter.deliveries) / seconds : nil }

    var processorSecondsPerDelivery: Double? {
        guard hasMessages, meter.deliveries > 0 else { return nil }
        return server?.processorSeconds.map { $0 / Double(meter.deliveries) }
    }

    /// The growth of the server's memory per connection.
    var residentBytesPerConnection: Double? {
        guard plan.shape == .idle, meter.opened.count > 0, let before = server?.residentBytesBefore,
            let after = server?.residentBytesAfter
        else { return nil }
        return Double(after - before) / Double(meter.opened.count)
    }

    var loadProcessorSeconds: Double { Double(meter.processorNanoseconds) / Clocks.second }

    var exitStatus: Int32 {
        if isInterrupted { return 130 }
        return meter.failures.total > 0 ? 1 : 0
    }
}
