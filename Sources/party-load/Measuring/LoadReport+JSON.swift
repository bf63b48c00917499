extension LoadReport {
    /// The report as one JSON object: times in seconds, memory in bytes, null for what this shape does not measure.
    var json: JSONText {
        .object([
            "shape": .string(plan.shape.rawValue),
            "url": .string(plan.url.description),
            "rooms": .integer(plan.members > 0 ? plan.roomCount : 0),
            "members": .integer(plan.members),
            "payload": JSONText(hasMessages ? plan.payload : nil),
            "window": JSONText(plan.shape == .state || plan.shape == .input ? plan.window : nil),
            "rate": JSONText(plan.shape == .paced || plan.shape == .churn ? plan.rate : nil),
            "threads": .integer(plan.threads),
            "seconds": .number(seconds),
            "sent": JSONText(hasMessages ? meter.sent : nil),
            "deliveries": JSONText(hasMessages ? meter.deliveries : nil),
            "deliveriesPerSecond": JSONText(deliveriesPerSecond),
            "latencySeconds": latencyJSON,
            "throttled": isThrottled.map { .boolean($0) } ?? .null,
            "server": serverJSON,
            "load": .object([
                "cpuSeconds": .number(loadProcessorSeconds), "busiestThreadShare": .number(busiestShare),
            ]),
            "connections": .integer(meter.opened.count),
            "connectionsPerSecond": JSONText(meter.opened.rate),
            "joinsPerSecond": JSONText(meter.entered.rate),
            "rejoinsPerSecond": JSONText(meter.reentered.rate),
            "failures": .object([
                "connect": .integer(meter.failures.connect), "closed": .integer(meter.failures.closed),
                "errors": .integer(meter.failures.errors), "lost": .integer(meter.failures.lost),
            ]),
        ])
    }

    private var latencyJSON: JSONText {
        guard plan.shape != .idle else { return .null }
        func at(_ percentile: Double) -> JSONText { JSONText(meter.latency(percentile: percentile)) }
        return .object([
            "count": .integer(meter.latencyCount), "mean": JSONText(meter.meanLatency), "p50": at(50),
            "p90": at(90), "p99": at(99), "p999": at(99.9), "max": at(100),
        ])
    }

    private var serverJSON: JSONText {
        guard let server else { return .null }
        return .object([
            "pid": .integer(Int(server.identifier)),
            "cpuSeconds": JSONText(server.processorSeconds),
            "cpuSecondsPerDelivery": JSONText(processorSecondsPerDelivery),
            "residentBytesBefore": JSONText(server.residentBytesBefore),
            "residentBytesAfter": JSONText(server.residentBytesAfter),
            "residentBytesPerConnection": JSONText(residentBytesPerConnection),
        ])
    }
}
