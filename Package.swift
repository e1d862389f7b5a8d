// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "apus",
    products: [
        .executable(name: "apus", targets: ["apus"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["JSON"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .systemLibrary(
            name: "CZlib",
            path: "Sources/CSystem/CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        .systemLibrary(
            name: "COpenSSL",
            path: "Sources/CSystem/COpenSSL",
            pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]
        ),
        .target(
            name: "CTLS",
            dependencies: ["COpenSSL"],
            path: "Sources/CSystem/CTLS",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]
        ),
        .systemLibrary(name: "CLinux", path: "Sources/CSystem/CLinux"),
        .systemLibrary(
            name: "CCurl",
            path: "Sources/CSystem/CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .systemLibrary(
            name: "CUring",
            path: "Sources/CSystem/CUring",
            pkgConfig: "liburing",
            providers: [.apt(["liburing-dev"])]
        ),
        .target(
            name: "HubProtocol",
            dependencies: ["CZlib", "COpenSSL"],
            path: "Sources/Protocol",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .target(
            name: "Reactor",
            dependencies: ["CLinux", "CTLS", "CUring", .product(name: "Logging", package: "swift-log")],
            path: "Sources/Reactor",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .target(
            name: "HubCore",
            dependencies: [
                "HubProtocol",
                "Reactor",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Hub",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .target(
            name: "HubPersistence",
            dependencies: [
                "HubCore",
                "HubProtocol",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Persistence",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .target(
            name: "HubServer",
            dependencies: [
                "HubCore",
                "HubProtocol",
                "Reactor",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Server",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .target(
            name: "Generation",
            dependencies: [
                "CCurl",
                "CLinux",
                "HubCore",
                "HubProtocol",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Generation",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "apus",
            dependencies: [
                "Generation",
                "HubCore",
                "HubPersistence",
                "HubProtocol",
                "HubServer",
                "Reactor",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/apus",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "apus-load",
            dependencies: [
                "CLinux",
                "CZlib",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            path: "bench/load",
            swiftSettings: strict
        ),
        .testTarget(name: "LoadTests", dependencies: ["apus-load"], path: "Tests/LoadTests", swiftSettings: strict),
        .testTarget(
            name: "ProtocolTests",
            dependencies: ["HubProtocol"],
            path: "Tests/ProtocolTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["HubProtocol"],
            path: "Tests/Fuzz",
            exclude: ["Corpus", "Dictionaries", "Driver", "README.md", "seeds.py"],
            swiftSettings: strict
        ),
        .target(name: "CTLSPeer", dependencies: ["COpenSSL", "CTLS"], path: "Tests/ReactorTests/CTLSPeer"),
        .testTarget(
            name: "ReactorTests",
            dependencies: ["CTLSPeer", "Reactor", .product(name: "Logging", package: "swift-log")],
            path: "Tests/ReactorTests",
            exclude: ["CTLSPeer"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "GenerationTests",
            dependencies: [
                "Generation", "HubCore", "HubProtocol", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/GenerationTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "HubTests",
            dependencies: [
                "HubCore", "HubPersistence", "HubProtocol", "Reactor", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/HubTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "PersistenceTests",
            dependencies: [
                "HubPersistence",
                "HubCore",
                "HubProtocol",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/PersistenceTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "CTLSPeer", "HubServer", "HubCore", "HubProtocol", "Reactor",
                .product(name: "JWTKit", package: "jwt-kit"), .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/ServerTests",
            swiftSettings: strict
        ),
    ]
)
