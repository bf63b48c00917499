package import RelayEngine

extension IOUringMode {
    /// How a loop sends and reads where it is all the same to a test: `IO_URING=off swift test` gives each connection calls
    /// of its own.
    package static let wanted = TestEnvironment.text("IO_URING").flatMap { IOUringMode(rawValue: $0) } ?? .auto

    /// All ways to send and to read, as far as the kernel allows, and whoever runs the tests.
    package static let tested: [IOUringMode] = wanted == .off || !isAllowed && wanted == .auto ? [.off] : [.off, .on]

    private static var isAllowed: Bool {
        do {
            _ = try SocketRing()
            return true
        } catch {
            return false
        }
    }

    /// A ring for a loop of this mode.
    package func ring() throws -> sending SocketRing? {
        switch self {
        case .off: nil
        case .on: try SocketRing()
        case .auto: IOUringMode.isAllowed ? try SocketRing() : nil
        }
    }
}
