extension [UInt8] {
    /// Appends the bytes of a span in one copy.
    package mutating func append(copying bytes: Span<UInt8>) {
        // The pointer does not leave the closure, and the array is not the span's storage: it is held exclusively.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe append(contentsOf: buffer)
        }
    }
}
