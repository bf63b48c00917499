import RelayEngine
import TestSupport
import Testing

/// A variant of the engine, for tests whose outcome must not depend on it.
struct EngineVariant: CustomTestStringConvertible {
    let loops: Int
    let ioUring: IOUringMode

    var testDescription: String { "loops: \(loops), io_uring: \(ioUring)" }

    /// These numbers of loops, each with and without io_uring, as far as the kernel and the run of the tests allow it.
    static func all(loops: [Int] = [1]) -> [EngineVariant] {
        loops.flatMap { loops in IOUringMode.tested.map { EngineVariant(loops: loops, ioUring: $0) } }
    }
}
