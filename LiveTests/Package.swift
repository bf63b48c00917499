// swift-tools-version: 6.3
import PackageDescription

// The relay's strict settings, applied to every target.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

// A package of its own: it uses the relay over the network alone, and of its sources only the client that games use.
let package = Package(
    name: "LiveTests",
    dependencies: [
        // By its name, whatever the folder of the clone is called.
        .package(name: "party-sockets", path: "..", traits: ["TLS"]),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
    ],
    targets: [
        // A client like a player's browser, and the settings of the deployment.
        .target(
            name: "LiveClient",
            dependencies: [
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "PartySocketsClient", package: "party-sockets"),
            ],
            swiftSettings: strict
        ),
        // The client and its settings, without any deployment.
        .testTarget(
            name: "LiveClientTests",
            dependencies: [
                "LiveClient",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "PartySocketsClient", package: "party-sockets"),
            ],
            swiftSettings: strict
        ),
        // The tests of the deployment.
        .testTarget(
            name: "LiveTests",
            dependencies: ["LiveClient", .product(name: "PartySocketsClient", package: "party-sockets")],
            swiftSettings: strict
        ),
    ]
)
