import TestSupport

extension ExpositionFormat {
    /// The value of the series of this name that has no label of its own, or this origin.
    subscript(_ name: String, origin origin: String? = nil) -> Double? {
        let found = samples(of: name).filter { $0.labels["origin"] == origin }
        return found.count == 1 ? found.first?.value : nil
    }

    /// The values of the series of this name by one of their labels, without those that are 0.
    func counts(_ name: String, by label: String) -> [String: Double] {
        let found = samples(of: name).filter { $0.value != 0 }
        return Dictionary(found.map { ($0.labels[label, default: ""], $0.value) }, uniquingKeysWith: +)
    }
}

extension TestClient {
    /// The metrics of a scrape on this connection.
    func scrape() throws -> ExpositionFormat {
        sendRequest("/metrics")
        return try ExpositionFormat(Array(try reply().body.utf8))
    }
}

extension RunningRelay {
    /// The metrics of a scrape.
    func page() throws -> ExpositionFormat {
        try ExpositionFormat(Array(try get("/metrics").body.utf8))
    }
}
