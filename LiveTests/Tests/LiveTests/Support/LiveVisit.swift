import LiveClient

/// Runs a test's body against the deployment, and ends its connections.
func withVisit(_ body: (Visit) async throws -> Void) async throws {
    try await Visit.run(to: LiveDeployment.current.site, body)
}

extension Visit {
    /// A room on the machine that a pin names, or on the one that the load balancer chooses.
    func room(on machine: Machine? = nil, maxClients: Int = 16) async throws -> LiveRoom {
        let target = machine.map { "/?instance=\($0.id)" } ?? "/"
        return try await connect(target, as: "host").create(maxClients: maxClients)
    }

    /// Joins a guest, and reads the host's message about it.
    ///
    /// - Parameters:
    ///   - isPinned: true if the guest uses the pin of the room's machine, false if it has the code alone.
    ///   - peers: the connected slots; by default all below its own.
    func guest(
        _ slot: Int, of room: LiveRoom, as clientID: ClientID = ClientID(), isPinned: Bool = true,
        beside peers: [Int]? = nil
    ) async throws -> LiveSocket {
        let path = "/\(room.code)"
        let guest = try await connect(isPinned ? room.pinned(path) : path, as: "guest \(slot)")
        try await guest.join(room.code, as: clientID, slot: slot, peers: peers ?? Array(0..<slot))
        try await room.host.expect(#"{"type":"peer_joined","index":\#(slot)}"#)
        return guest
    }
}

extension Machine {
    /// The header fields that make a request land on this machine.
    var asLanding: [(String, String)] { [("fly-force-instance-id", id.description)] }
}

/// Runs the body for all elements at once, or for a limited number at a time in a large deployment.
func forEachAtOnce<Element: Sendable>(
    _ elements: some Sequence<Element>, most: Int = 16, _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, element) in elements.enumerated() {
            if index >= most { try await group.next() }
            group.addTask { try await body(element) }
        }
        try await group.waitForAll()
    }
}

extension Visit {
    /// Opens a WebSocket, again and again while the answer is 503.
    func patientlyConnect(_ target: String, as name: String) async throws -> LiveSocket {
        let start = ContinuousClock.now
        while true {
            switch try await site.upgrade(target, as: name) {
            case .opened(let socket):
                keep(socket)
                return socket
            case .refused(let reply):
                guard reply.status == 503, ContinuousClock.now - start < Patience.standard else {
                    throw Unexpected(at: "\(name)'s upgrade", expected: "status 101", got: "\(reply)")
                }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}

/// Waits until a claim about the deployment holds; what it has got otherwise ends in the failure.
func eventually(_ expected: String, _ claim: () async throws -> (holds: Bool, got: String)) async throws {
    let start = ContinuousClock.now
    while true {
        let (holds, got) = try await claim()
        if holds { return }
        guard ContinuousClock.now - start < Patience.standard else {
            throw Unexpected(at: "after \(Patience.standard)", expected: expected, got: got)
        }
        try await Task.sleep(for: .milliseconds(50))
    }
}
