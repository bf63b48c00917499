/// What an output buffer holds, in the plainest way that comes to mind: a list of pieces.
struct PlainOutput {
    private struct Piece {
        var bytes: [UInt8]
        /// Its end is no place to cut before.
        var isFixed: Bool
        /// The next such piece takes its place.
        var isLatest = false
    }

    private var pieces: [Piece] = []
    private var isFirstBegun = false

    var bytes: [UInt8] { pieces.flatMap(\.bytes) }

    mutating func append(_ bytes: [UInt8], isOpaque: Bool) {
        pieces.append(Piece(bytes: bytes, isFixed: isOpaque))
    }

    /// The place of the latest frame, if no byte of it is sent.
    private var latest: Int? {
        pieces.firstIndex { $0.isLatest }.flatMap { $0 == 0 && isFirstBegun ? nil : $0 }
    }

    var hasLatest: Bool { latest != nil }

    mutating func appendLatest(_ bytes: [UInt8]) {
        if let latest {
            pieces[latest].bytes = bytes
        } else {
            if !pieces.isEmpty { pieces[0].isLatest = false }
            pieces.append(Piece(bytes: bytes, isFixed: false, isLatest: true))
        }
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
