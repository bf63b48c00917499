import NIOCore
import RelayCore

@testable import RelayCluster

/// The DNS as a test wants it.
final class ScriptedNames: NameLookup {
    /// The response to questions of one kind.
    enum Conduct<Answer: Sendable>: Sendable {
        case answers(Answer)
        case fails
        /// Until the asker gives up.
        case silent

        var isSilent: Bool { if case .silent = self { true } else { false } }
    }

    struct Failure: Error {}

    /// The answer that lists these machines, as the platform does.
    static func listing(_ entries: [String]) -> Conduct<[[UInt8]]> {
        .answers([Array(entries.joined(separator: ",").utf8)])
    }

    struct Script: Sendable {
        var machines: Conduct<[[UInt8]]> = .answers([])
        var addresses: [String: Conduct<[SocketAddress]>] = [:]
        /// The names that were asked for, in order.
        var asked: [String] = []
    }

    let script = Watched(Script())

    /// Lists these machines, as the platform does.
    func list(_ entries: [String]) {
        script.change { $0.machines = ScriptedNames.listing(entries) }
    }

    func txt(_ name: String, deadline: NIODeadline) async throws -> [[UInt8]] {
        let conduct = script.change { script in
            script.asked.append(name)
            return script.machines
        }
        return try await ScriptedNames.perform(conduct)
    }

    func addresses(of name: String, port: Int, deadline: NIODeadline) async throws -> [SocketAddress] {
        let conduct = script.change { script in
            script.asked.append(name)
            return script.addresses[name] ?? .fails
        }
        return try await ScriptedNames.perform(conduct)
    }

    private static func perform<Answer>(_ conduct: Conduct<Answer>) async throws -> Answer {
        switch conduct {
        case .answers(let answer): return answer
        case .fails: throw Failure()
        case .silent:
            try await Task.sleep(for: .seconds(3_600))
            throw Failure()
        }
    }
}
