/// A sequence of frames that waits to be sent.
package enum FrameSequence {
    /// The first end of a frame at or after `offset`, in bytes that begin with a frame; nil if the bytes end before,
    /// or are not frames.
    ///
    /// Queued frames before or after this offset can be dropped without breaking the stream. 0 counts as an end.
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
