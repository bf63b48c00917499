/// What stands in front of the bytes of a block of output: which of them are in use.
///
/// It is there and not in the connection, since most connections have nothing to send and no block: an output that is
/// empty takes a word for all of it.
struct OutputBlock {
    /// Bytes that there is room for: a result of `BufferPool.capacity(for:)`.
    let capacity: Int
    var head = 0
    var tail = 0
    /// An index at which a frame begins; bytes before it must not be dropped.
    var boundary = 0
    /// The latest frame that is in the block; once it has begun to go out it is behind `head`, or negative.
    var latestStart = OutputBlock.none
    var latestLength = 0

    static let none = -1
}
