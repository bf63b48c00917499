import RelayEngine
import TestSupport

extension IOUringMode {
    /// How a loop sends where it is all the same to a test: `IO_URING=off swift test` has them all send one by one.
    static let wanted = TestEnvironment.text("IO_URING").flatMap { IOUringMode(rawValue: $0) } ?? .auto

    /// All ways to send, as far as the kernel allows, and whoever runs the tests.
    static let tested: [IOUringMode] = wanted == .off || !isAllowed && wanted == .auto ? [.off] : [.off, .on]

    private static var isAllowed: Bool {
        do {
            _ = try SocketRing()
            return true
        } catch {
            return false
        }
    }

    /// A ring for a loop of this mode.
    func ring() throws -> sending SocketRing? {
        switch self {
        case .off: nil
        case .on: try SocketRing()
        case .auto: IOUringMode.isAllowed ? try SocketRing() : nil
        }
    }
}
