internal import Glibc

/// A frame that receivers could not take at once, kept once for all of them.
///
/// It counts as buffered until the last of them has sent or dropped it. All of them are on one loop.
@safe final class SharedFrame {
    let bytes: UnsafeRawBufferPointer
    let count: Int
    private let capacity: Int
    private let counters: TransportCounters

    /// Copies the frame.
    init(copying frame: UnsafeRawBufferPointer, countedIn counters: TransportCounters) {
        let (memory, capacity) = unsafe LargeBlock.take(max(frame.count, 1))
        if let source = frame.baseAddress { unsafe memcpy(memory, source, frame.count) }
        unsafe bytes = UnsafeRawBufferPointer(start: memory, count: frame.count)
        count = frame.count
        self.capacity = capacity
        self.counters = counters
        counters.bufferedBytes.add(capacity)
    }

    deinit {
        counters.bufferedBytes.add(-capacity)
        unsafe LargeBlock.giveBack(UnsafeMutableRawPointer(mutating: bytes.baseAddress), capacity: capacity)
    }
}

/// A frame on its way to one receiver after the other, mostly a large one. It is copied, once, for the first that cannot
/// take it all.
@safe package struct LargeFrame: ~Copyable {
    let bytes: UnsafeRawBufferPointer
    private var shared: SharedFrame?

    /// - Parameter bytes: must stay valid as long as this value.
    package init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
    }

    var count: Int { unsafe bytes.count }

    /// The bytes to be offered to the kernel with one call.
    var firstSend: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes.prefix(TransportSettings.mostBytesPerSend))
    }

    /// The copy that receivers share.
    mutating func share(countedIn counters: TransportCounters) -> SharedFrame {
        if let shared { return shared }
        let copy = unsafe SharedFrame(copying: bytes, countedIn: counters)
        shared = copy
        return copy
    }
}
