import RelayEngine
import TestSupport
import Testing

/// One of the ways in which an engine can do the same, for tests of what must not depend on it.
struct EngineVariant: CustomTestStringConvertible {
    let loops: Int
    let ioUring: IOUringMode

    var testDescription: String { "loops: \(loops), io_uring: \(ioUring)" }

    /// So many loops, each of them with and without io_uring, as far as the kernel allows it, and whoever runs the tests.
    static func all(loops: [Int] = [1]) -> [EngineVariant] {
        loops.flatMap { loops in IOUringMode.tested.map { EngineVariant(loops: loops, ioUring: $0) } }
    }
}
