internal import Glibc

/// Numbers of the system's secure generator, drawn from it many at a time: one call for each costs more than all else
/// that a code needs.
struct RandomBlock: RandomNumberGenerator {
    private static let count = 32

    private var numbers: [UInt64] = []

    mutating func next() -> UInt64 {
        if numbers.isEmpty { refill() }
        return numbers.removeLast()
    }

    private mutating func refill() {
        numbers = unsafe [UInt64](unsafeUninitializedCapacity: RandomBlock.count) { buffer, initialized in
            let bytes = RandomBlock.count * MemoryLayout<UInt64>.size
            // It gives up to 256 bytes, whole, and fails for no other reason than a larger number.
            let isFilled = unsafe buffer.baseAddress.map { unsafe getentropy($0, bytes) == 0 }
            precondition(isFilled == true, "the system has a random number generator")
            initialized = RandomBlock.count
        }
    }
}
