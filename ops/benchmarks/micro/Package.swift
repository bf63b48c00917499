// swift-tools-version: 6.2
import PackageDescription

// The relay's strict settings.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

// A package of its own, so that what measures stays out of the relay's graph, and the relay's dependencies out of this
// one. The pure modules are links to the relay's folders and targets here: `package` access ends at a package's border,
// and a dependency by path would bring SwiftNIO along.
let package = Package(
    name: "micro",
    targets: [
        .target(name: "RelayCore", swiftSettings: strict),
        .target(name: "RelayWire", swiftSettings: strict),

        // What is measured, once for all that measure it; and the counters of allocations and retains.
        .target(name: "Workloads", dependencies: ["RelayCore", "RelayWire"], swiftSettings: strict),
        .target(
            name: "CCounting", cSettings: [.treatAllWarnings(as: .error)],
            linkerSettings: [
                .unsafeFlags(
                    ["swift_retain", "swift_release", "swift_bridgeObjectRetain", "swift_bridgeObjectRelease"].flatMap {
                        ["-Xlinker", "--wrap=\($0)", "-Xlinker", "--wrap=\($0)_n"]
                    })
            ]),
        .target(name: "Counting", dependencies: ["CCounting"], swiftSettings: strict),

        // Holds every workload to its limits. Counts, never a time, so it says the same on a busy machine.
        .executableTarget(name: "micro-check", dependencies: ["Counting", "Workloads"], swiftSettings: strict),
    ]
)

// Times need the benchmark package, whose build takes far longer than ours, so they join the graph only when asked for:
// TIMES=1 swift package benchmark
if Context.environment["TIMES"] != nil {
    // Without its traits: both bring libraries that are preloaded to count what `Counting` counts.
    package.dependencies += [.package(url: "https://github.com/ordo-one/benchmark.git", from: "1.38.0", traits: [])]
    package.targets += [
        .executableTarget(
            name: "micro-times",
            dependencies: ["Counting", "Workloads", .product(name: "Benchmark", package: "benchmark")],
            // The plugin looks for benchmarks only in a folder of this name.
            path: "Benchmarks/micro-times", swiftSettings: strict,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ]
}
