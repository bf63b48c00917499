import Foundation
import Synchronization

/// Writes the same bytes again and again, on a thread of its own, until it is told to stop.
final class Flood: Sendable {
    private let opening: [UInt8]
    private let repeated: [UInt8]
    private let isOver = Atomic<Bool>(false)
    private let written = Atomic<Int>(0)

    init(opening: [UInt8], repeated: [UInt8]) {
        self.opening = opening
        self.repeated = repeated
    }

    /// The bytes that the relay, or the kernel for it, has accepted so far, roughly.
    var bytesWritten: Int { written.load(ordering: .relaxed) }

    func start(port: Int) {
        Thread.detachNewThread { [self] in
            guard let socket = try? TestSocket(port: port) else { return }
            socket.write(opening)
            while !isOver.load(ordering: .relaxed) {
                var rest = repeated[...]
                while !rest.isEmpty, !isOver.load(ordering: .relaxed) {
                    let count = socket.writeSome(rest)
                    rest = rest.dropFirst(count)
                    written.add(count, ordering: .relaxed)
                    // Answers are read, so that this is no slow reader.
                    while socket.hasNews(within: count == 0 ? 1 : 0) {
                        guard let bytes = try? socket.read("anything"), !bytes.isEmpty else { return }
                    }
                }
            }
        }
    }

    func stop() {
        isOver.store(true, ordering: .relaxed)
    }
}
