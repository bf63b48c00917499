/// Frames one behind the other, as they wait to be sent.
package enum FrameSequence {
    /// The first end of a frame that is at or behind `offset`, in bytes that start with the start of a frame; nil if
    /// the bytes end before, or are no frames.
    ///
    /// Queued frames up to there, or from there on, can be dropped without breaking the stream. 0 counts as an end.
    package static func boundary(in bytes: Span<UInt8>, atOrAfter offset: Int) -> Int? {
        var boundary = 0
        while boundary < offset {
            guard let header = try? FrameHeader(bytes, at: boundary), header.frameLength <= bytes.count - boundary
            else { return nil }
            boundary += header.frameLength
        }
        return boundary
    }
}
