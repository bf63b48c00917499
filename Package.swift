// swift-tools-version: 6.2
import PackageDescription

// One array of strict settings, applied to every target of our own.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

// The engine's classes belong to one thread each, and what they hold never calls back into them, so there are no
// overlapping accesses for the checks at run time to find: in a release they would be a fifth to a quarter of the relay's
// own instructions. Debug builds, and so all tests and sanitizers, keep them.
let withoutExclusivityChecks = [
    SwiftSetting.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

// Fewer of the program's pages are touched by its start: what nobody calls is left out, since nothing is exported.
let smallProgram = [
    LinkerSetting.unsafeFlags(["-use-ld=lld", "-Xlinker", "--no-export-dynamic"], .when(configuration: .release))
]

let package = Package(
    name: "party-sockets",
    // What the client needs of Apple's systems. All else is for Linux alone.
    platforms: [.macOS(.v13), .iOS(.v16), .tvOS(.v16), .watchOS(.v9)],
    products: [
        .executable(name: "party-sockets", targets: ["party-sockets"]),
        .executable(name: "party-load", targets: ["party-load"]),
        // Asynchronous DNS for any program on SwiftNIO; knows nothing of the relay.
        .library(name: "AresDNS", targets: ["AresDNS"]),
        // The client for games in Swift.
        .library(name: "PartySocketsClient", targets: ["PartySocketsClient"]),
    ],
    traits: [
        // Off by default, so that neither the relay nor its tests fetch and compile a TLS library.
        .trait(name: "TLS", description: "wss in PartySocketsClient, by swift-nio-ssl")
    ],
    dependencies: [
        // All that goes out to siblings; the engine's locks, which ThreadSanitizer understands; and the oracle of the
        // tests: whatever our head parser and frame codec accept, NIO reads the same.
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        // The loops' timers (a heap).
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        // Log lines, configuration from the environment, start and signals.
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        // The load generator alone: its command line, and latencies in histograms that keep three digits of each.
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
        // The client's wss, with the trait TLS alone.
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
    ],
    targets: [
        // PURE: values in, values out. No sockets, no clock, no logging, no randomness it was not handed.
        .target(name: "RelayLimits", swiftSettings: strict),
        .target(name: "RelayCore", dependencies: ["RelayLimits"], swiftSettings: strict),
        .target(name: "RelayWire", swiftSettings: strict),

        // The engine: Linux event loops that own sockets and rooms. One module, and not one for the transport: its loops
        // are generic over their handler, and compiled for the relay's only where both are compiled together.
        .target(name: "CLinux", cSettings: [.treatAllWarnings(as: .error)]),
        .target(
            name: "RelayEngine",
            dependencies: [
                "RelayCore", "RelayLimits", "RelayWire", "CLinux",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            exclude: ["README.md"], swiftSettings: strict + withoutExclusivityChecks
        ),

        // The client library and the demo page, which are no targets of their own: the compiler puts them into the program.
        .target(
            name: "CServedFiles", cSettings: [.treatAllWarnings(as: .error), .disableWarning("c23-extensions")]),

        // What the engine serves: HTTP answers, metrics, configuration, lifecycle.
        .target(
            name: "RelayServer",
            dependencies: [
                "RelayCore", "RelayLimits", "RelayWire", "RelayEngine", "CLinux", "CServedFiles",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        // Siblings: c-ares on a NIO event loop, and the search for a room on the other machines of a region.
        .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
        .target(
            name: "AresDNS",
            dependencies: [
                "CAres",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "RelayCluster",
            dependencies: [
                "AresDNS", "RelayCore", "RelayLimits",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),

        // The client for games in Swift: it knows the relay's protocol, and nothing of its sources.
        .target(
            name: "PartySocketsClient",
            dependencies: [
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
            ],
            swiftSettings: strict
        ),

        // Wiring only.
        .executableTarget(
            name: "party-sockets",
            dependencies: [
                "RelayServer", "RelayCluster", "RelayCore", "RelayEngine",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict, linkerSettings: smallProgram
        ),

        // The load generator. A client with loops of its own: what measures the engine must not share its faults.
        .executableTarget(
            name: "party-load",
            dependencies: [
                "RelayWire", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict
        ),

        // An echo on the engine's own I/O, which the Autobahn suite examines.
        .executableTarget(
            name: "echo-server",
            dependencies: ["RelayEngine", "RelayWire", .product(name: "Logging", package: "swift-log")],
            path: "Tests/Autobahn/echo-server", swiftSettings: strict
        ),

        // What the tests have in common.
        .target(
            name: "TestSupport", dependencies: ["RelayEngine"], path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "RelayLimitsTests", dependencies: ["RelayLimits", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "RelayCoreTests", dependencies: ["RelayCore", "RelayLimits", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "RelayWireTests",
            dependencies: [
                "RelayWire", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        // The relay as clients meet it: real sockets, from outside. Depends on the program, which some tests start.
        .testTarget(
            name: "RelayEngineTests",
            dependencies: [
                "RelayCore", "RelayWire", "RelayEngine", "RelayServer", "party-sockets", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        // The parts of a loop each, and a loop turn by turn.
        .testTarget(
            name: "RelayTransportTests",
            dependencies: [
                "RelayEngine", "CLinux", "RelayLimits", "RelayWire", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RelayServerTests",
            dependencies: [
                "RelayServer", "RelayEngine", "RelayCore", "RelayWire", "TestSupport",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // The load generator: its parts, and the program against the relay and against servers that misbehave.
        .testTarget(
            name: "PartyLoadTests",
            dependencies: ["party-load", "party-sockets", "RelayCore", "RelayWire", "TestSupport"],
            swiftSettings: strict
        ),
        // The resolver against a scripted server, and against dnsmasq.
        .testTarget(
            name: "AresDNSTests",
            dependencies: [
                "AresDNS", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        // Directory, prober and locator against siblings that misbehave.
        .testTarget(
            name: "RelayClusterTests",
            dependencies: [
                "RelayCluster", "RelayCore", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        // The client: its parts by tables, and the whole against the engine and against servers that misbehave.
        .testTarget(
            name: "PartySocketsClientTests",
            dependencies: [
                "PartySocketsClient", "RelayEngine", "RelayServer",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
    ]
)

// The fuzzers have no main of their own (libFuzzer brings it), so they join the graph only when asked for:
// FUZZ=1 swift build --sanitize fuzzer --product fuzz-json
if Context.environment["FUZZ"] != nil {
    package.targets += [
        .executableTarget(
            name: "fuzz-json", dependencies: ["RelayCore"], path: "Tests/Fuzz/fuzz-json", swiftSettings: strict),
        .executableTarget(
            name: "fuzz-http",
            dependencies: [
                "RelayWire",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/Fuzz/fuzz-http", swiftSettings: strict),
        .executableTarget(
            name: "fuzz-rooms", dependencies: ["RelayCore"], path: "Tests/Fuzz/fuzz-rooms", swiftSettings: strict),
        .executableTarget(
            name: "fuzz-frames", dependencies: ["RelayWire"], path: "Tests/Fuzz/fuzz-frames", swiftSettings: strict),
    ]
}

// The counts of allocations and references in the pure parts, which join the graph only when asked for, too: the linker
// leads the runtime's functions through counting ones, in this program alone.
// COUNTS=1 deploy/build-release --product pure-counts
if Context.environment["COUNTS"] != nil {
    let counted = ["swift_retain", "swift_release", "swift_bridgeObjectRetain", "swift_bridgeObjectRelease"]
    package.targets += [
        .target(
            name: "CCounting", path: "Tests/Counts/CCounting", cSettings: [.treatAllWarnings(as: .error)],
            linkerSettings: [
                .unsafeFlags(counted.flatMap { ["-Xlinker", "--wrap=\($0)", "-Xlinker", "--wrap=\($0)_n"] })
            ]),
        .executableTarget(
            name: "pure-counts", dependencies: ["CCounting", "RelayCore", "RelayWire"],
            path: "Tests/Counts/pure-counts", swiftSettings: strict),
    ]
}

// The documentation of the two libraries, whose plugin joins the graph only when asked for. A plugin compiles with all
// traits, so TLS leaves the package, which takes minutes and adds but one option to the client.
// DOCS=1 swift package generate-documentation --target AresDNS --target PartySocketsClient
if Context.environment["DOCS"] != nil {
    package.dependencies += [.package(url: "https://github.com/swiftlang/swift-docc-plugin.git", from: "1.5.0")]
    package.traits.removeAll()
    for target in package.targets {
        target.dependencies.removeAll { dependency in
            if case .productItem("NIOSSL", _, _, _) = dependency { true } else { false }
        }
    }
}
