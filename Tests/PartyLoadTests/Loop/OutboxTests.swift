import Testing

@testable import party_load

@Suite("The outbox of a client")
struct OutboxTests {
    /// A frame of 12 bytes.
    private static let frame = RepeatedFrame(text: Array("123456".utf8), maskingKey: 0)

    /// A kernel with `room` bytes in its send buffer, of which one call takes `most` at the most.
    private struct Kernel {
        var room: Int
        var most = Int.max
        var taken: [UInt8] = []

        mutating func write(_ bytes: Span<UInt8>) -> ClientSocket.Transfer {
            let count = min(bytes.count, room, most)
            guard count > 0 else { return .wouldBlock }
            for index in 0..<count { taken.append(bytes[index]) }
            room -= count
            return .bytes(count)
        }
    }

    private static func frames(_ count: Int) -> [UInt8] {
        Array(repeatElement(Array(frame.bytes.prefix(frame.frameLength)), count: count).joined())
    }

    @Test("everything is sent, however few bytes the kernel takes per call", arguments: [1, 5, 12, 13, .max])
    func all(most: Int) {
        var outbox = Outbox()
        outbox.append([1, 2, 3])
        outbox.add(10_000, of: Self.frame)
        outbox.append([4])
        var kernel = Kernel(room: .max, most: most)
        let outcome = outbox.send(repeating: Self.frame) { kernel.write($0) }
        #expect(outcome == .unchanged)
        #expect(kernel.taken == [1, 2, 3, 4] + Self.frames(10_000))
    }

    @Test("a frame in progress is finished before a single frame is sent", arguments: 0...25)
    func order(room: Int) {
        var outbox = Outbox()
        outbox.add(2, of: Self.frame)
        var kernel = Kernel(room: room)
        let first = outbox.send(repeating: Self.frame) { kernel.write($0) }
        #expect(first == (room < 24 ? .blocked : .unchanged))
        outbox.append([7, 7])
        let second = outbox.send(repeating: Self.frame) { kernel.write($0) }
        #expect(second == (room < 24 ? .unchanged : .blocked))
        kernel.room = .max
        let third = outbox.send(repeating: Self.frame) { kernel.write($0) }
        #expect(third == .unblocked)
        let begun = min((room + Self.frame.frameLength - 1) / Self.frame.frameLength, 2)
        #expect(kernel.taken == Self.frames(begun) + [7, 7] + Self.frames(2 - begun))
    }

    @Test("a failed write ends the sending at once")
    func broken() {
        var outbox = Outbox()
        outbox.append([1])
        var calls = 0
        let outcome = outbox.send(repeating: Self.frame) { _ in
            calls += 1
            return .ended
        }
        #expect(outcome == .failed)
        #expect(calls == 1)
    }

    @Test("bytes of one connection are not sent on the next")
    func reset() {
        var outbox = Outbox()
        outbox.add(1, of: Self.frame)
        var kernel = Kernel(room: 5)
        _ = outbox.send(repeating: Self.frame) { kernel.write($0) }
        outbox.append([1])
        outbox.reset()
        outbox.append([2])
        kernel = Kernel(room: .max)
        let outcome = outbox.send(repeating: Self.frame) { kernel.write($0) }
        #expect(outcome == .unchanged)
        #expect(kernel.taken == [2])
    }
}
