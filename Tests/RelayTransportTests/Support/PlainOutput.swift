/// What an output buffer holds, in the plainest way that comes to mind: a list of pieces.
struct PlainOutput {
    private struct Piece {
        var bytes: [UInt8]
        /// Its end is no place to cut before.
        var isFixed: Bool
    }

    private var pieces: [Piece] = []
    private var isFirstBegun = false

    var bytes: [UInt8] { pieces.flatMap(\.bytes) }

    mutating func append(_ bytes: [UInt8], isOpaque: Bool) {
        pieces.append(Piece(bytes: bytes, isFixed: isOpaque))
    }

    mutating func consume(_ count: Int) {
        var rest = count
        while rest > 0 {
            if rest >= pieces[0].bytes.count {
                rest -= pieces.removeFirst().bytes.count
                isFirstBegun = false
            } else {
                pieces[0].bytes.removeFirst(rest)
                isFirstBegun = true
                rest = 0
            }
        }
    }

    mutating func dropUnsentFrames() {
        let fixed = (pieces.lastIndex { $0.isFixed }).map { $0 + 1 } ?? 0
        pieces.removeSubrange(max(fixed, isFirstBegun ? 1 : 0)...)
        // What was kept is kept for good.
        for index in pieces.indices { pieces[index].isFixed = true }
    }
}
