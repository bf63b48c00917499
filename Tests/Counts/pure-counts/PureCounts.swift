internal import Glibc

/// Checks the relay's pure parts, each alone with fixed input, against their limits of allocations, retains and
/// releases.
///
/// It measures counts, never time, so a busy machine changes nothing. Without arguments it checks all workloads, prints
/// their costs and `tests: N`, and fails if one costs too much; `loose limit` marks one that is cheaper than its limit.
/// `--list` prints their names. `NAME REPETITIONS` runs one under a debugger, to see where a count comes from:
///
///     gdb -ex 'break __wrap_swift_release' --args .build/release/pure-counts 'routing: read a target' 9
@main
enum PureCounts {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.count {
        case 0:
            exit(check() ? EXIT_SUCCESS : EXIT_FAILURE)
        case 1 where arguments[0] == "--list":
            for workload in Workload.all { print(workload.name) }
        case 2:
            guard let workload = Workload.all.first(where: { $0.name == arguments[0] }),
                let repetitions = Int(arguments[1])
            else { fallthrough }
            print(workload.run(repetitions))
        default:
            print("usage: pure-counts [--list | NAME REPETITIONS]")
            exit(EX_USAGE)
        }
    }

    private static func check() -> Bool {
        guard Proof.countersCount else {
            print("the counters miss allocations or retains that are there")
            return false
        }
        print(row("", "allocations", "retains", "releases"))
        var failures = 0
        for workload in Workload.all {
            let counts = CountsPerRepetition { _ = workload.run($0) }
            let excess = workload.limit.excess(of: counts)
            if excess != nil { failures += 1 }
            let remark = excess.map { "  FAIL: \($0)" } ?? (workload.limit.isLoose(for: counts) ? "  loose limit" : "")
            print(row(workload.name, text(counts.allocations), text(counts.retains), text(counts.releases)) + remark)
        }
        print(failures == 0 ? "tests: \(Workload.all.count)" : "\(failures) of \(Workload.all.count) cost too much")
        return failures == 0
    }

    private static func row(_ name: String, _ numbers: String...) -> String {
        numbers.reduce(padded(name, to: 40, isLeft: true)) { $0 + padded($1, to: 12, isLeft: false) }
    }

    private static func padded(_ text: String, to width: Int, isLeft: Bool) -> String {
        let spaces = String(repeating: " ", count: max(0, width - text.count))
        return isLeft ? text + spaces : spaces + text
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() ? String(Int(number)) : String(number)
    }
}

extension Workload.Limit {
    /// The cost that exceeds its limit; nil if none does.
    fileprivate func excess(of counts: CountsPerRepetition) -> String? {
        switch self {
        case .nothing where counts.allocations > 0:
            "it allocates"
        case .nothing where counts.retains > 0 || counts.releases > 0:
            "it retains or releases"
        case .allocations(let limit) where counts.allocations > Double(limit):
            "more than \(limit) allocations"
        case .nothing, .allocations:
            nil
        }
    }
    /// True if it is cheaper than its limit, which could then be lowered.
    fileprivate func isLoose(for counts: CountsPerRepetition) -> Bool {
        if case .allocations(let limit) = self { counts.allocations < Double(limit) } else { false }
    }
}
