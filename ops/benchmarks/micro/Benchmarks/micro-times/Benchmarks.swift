internal import Benchmark
internal import Counting
internal import Glibc
internal import Workloads

/// Registers every workload. The name is the one that the benchmark package's plugin calls.
let benchmarks: @Sendable () -> Void = {
    let configuration = Benchmark.Configuration(
        metrics: [.wallClock, .instructions] + OwnMetric.all, warmupIterations: 10, scalingFactor: .kilo,
        maxDuration: .seconds(1), maxIterations: 10_000)
    for workload in Workload.all {
        Benchmark(workload.name, configuration: configuration) { benchmark in
            let repetitions = benchmark.scaledIterations.count
            let start = OwnMetric.processorTime()
            let counts = Counts { blackHole(workload.run(repetitions)) }
            benchmark.measurement(OwnMetric.cpu, OwnMetric.processorTime() - start)
            benchmark.measurement(OwnMetric.allocations, counts.allocations)
            benchmark.measurement(OwnMetric.retains, counts.retains)
            benchmark.measurement(OwnMetric.releases, counts.releases)
        }
    }
}

/// What is measured by our own means: the package counts with libraries that are preloaded, and its clock of processor
/// time ticks every 10 ms.
private enum OwnMetric {
    static let cpu = BenchmarkMetric.custom("Time (this thread's CPU) (ns)")
    static let allocations = BenchmarkMetric.custom("Allocations")
    static let retains = BenchmarkMetric.custom("Retains")
    static let releases = BenchmarkMetric.custom("Releases")
    static let all = [cpu, allocations, retains, releases]

    /// How long this thread has run, in nanoseconds.
    static func processorTime() -> Int {
        var time = timespec()
        // It fails only for a clock that does not exist.
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
