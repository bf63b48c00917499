/// What a `send` becomes: `{"type":"message","from":0,"data":…}`.
///
/// By far the most frequent message, so it is measured first, and written with its frame in one pass over memory that is
/// there already. `@inlinable`, so that the module that sends it need not call for each part.
@usableFromInline
package enum RelayedMessage {
    /// The length of a relayed `send`.
    ///
    /// - Parameter dataLength: of the sender's own bytes; nil if it sent none.
    @inlinable
    @inline(__always)
    package static func length(from slot: Slot, dataLength: Int?) -> Int {
        25 + JSONText.lengthOfInteger(slot.index) + (dataLength.map { 8 + $0 } ?? 0) + 1
    }

    /// Writes a relayed `send`, which takes its `length`, at `offset`.
    @inlinable
    @inline(__always)
    package static func write(
        from slot: Slot, data: Span<UInt8>?, to bytes: inout MutableRawSpan, at offset: Int
    ) {
        bytes.storeBytes(of: UInt64(bytesOf: #"{"type":"#).littleEndian, toByteOffset: offset, as: UInt64.self)
        bytes.storeBytes(of: UInt64(bytesOf: #""message"#).littleEndian, toByteOffset: offset + 8, as: UInt64.self)
        bytes.storeBytes(of: UInt64(bytesOf: #"","from""#).littleEndian, toByteOffset: offset + 16, as: UInt64.self)
        bytes.storeBytes(of: UInt8(ascii: ":"), toByteOffset: offset + 24, as: UInt8.self)
        var end = JSONText.writeInteger(slot.index, to: &bytes, at: offset + 25)
        if let data {
            bytes.storeBytes(of: UInt64(bytesOf: #","data":"#).littleEndian, toByteOffset: end, as: UInt64.self)
            end = bytes.copy(data, to: end + 8)
        }
        bytes.storeBytes(of: UInt8(ascii: "}"), toByteOffset: end, as: UInt8.self)
    }
}

extension MutableRawSpan {
    /// Copies bytes to `offset`, and returns the offset behind them.
    @inlinable
    @inline(__always)
    mutating func copy(_ source: Span<UInt8>, to offset: Int) -> Int {
        let count = source.count
        precondition(offset >= 0 && count <= byteCount - offset, "the bytes have been measured before")
        // Neither pointer leaves its closure, and the check above holds the copy within this span.
        unsafe withUnsafeMutableBytes { target in
            unsafe source.withUnsafeBytes { source in
                guard let start = target.baseAddress, let from = source.baseAddress else { return }
                unsafe (start + offset).copyMemory(from: from, byteCount: count)
            }
        }
        return offset + count
    }
}
