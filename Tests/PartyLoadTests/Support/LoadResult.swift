import Foundation
import Testing

/// The JSON output and the exit status of one run of the load generator.
struct LoadResult {
    let status: Int32
    private let members: [String: Any]

    init(_ outcome: ProgramRun.Outcome) throws {
        status = outcome.status
        let value = try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        members = try #require(value as? [String: Any], "no JSON: \(outcome.output) \(outcome.errors)")
    }

    /// Runs the load generator and waits until it ends.
    init(_ shape: String, _ arguments: [String]) async throws {
        try await self.init(ProgramRun("party-load", [shape, "--json"] + arguments).end())
    }

    var keys: Set<String> { Set(members.keys) }

    /// The number at a path such as `latencySeconds.max`; nil for null.
    subscript(path: String) -> Double? {
        var value: Any? = members
        for name in path.split(separator: ".") { value = (value as? [String: Any])?[String(name)] }
        return (value as? NSNumber)?.doubleValue
    }

    func text(_ name: String) -> String? { members[name] as? String }

    /// The failures in the order connect, closed, errors, lost.
    var failures: [Double] {
        ["connect", "closed", "errors", "lost"].map { self["failures.\($0)"] ?? -1 }
    }
}
