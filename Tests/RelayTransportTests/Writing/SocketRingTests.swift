import CLinux
import Glibc
import TestSupport
import Testing

@testable import RelayEngine

@Suite("Sends and reads in a batch", .enabled(if: IOUringMode.tested.contains(.on)))
struct SocketRingTests {
    /// Sends these bytes on each of the sockets, and tells what became of it.
    private static func send(
        _ bytes: [UInt8], on sockets: [Int32], with ring: inout SocketRing
    ) throws -> [SocketResult?] {
        try unsafe bytes.withUnsafeBytes { bytes in
            for socket in sockets { unsafe ring.addSend(bytes, to: socket) }
            try ring.submit()
        }
        let results = sockets.indices.map { place in
            ring.writeOutcome(of: place).map { SocketResult($0) }
        }
        ring.removeAll()
        return results
    }

    /// Writes until the socket takes no more.
    private static func fill(_ socket: Int32) {
        let block = [UInt8](repeating: 7, count: 65_536)
        while case .wrote(let count) = SocketResult.write(block, to: socket), count > 0 {}
    }

    private static func readAll(_ socket: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        while case .read(let more) = SocketResult.read(socket, upTo: 65_536) { bytes += more }
        return bytes
    }

    @Test("each send comes to what it would have come to by itself, whatever the others come to")
    func outcomes() throws {
        var ring = try SocketRing()
        let (ready, full, gone, last) = (SocketPair(), SocketPair(), SocketPair(), SocketPair())
        Self.fill(full.near)
        gone.closeFar()
        let results = try Self.send([1, 2, 3], on: [ready.near, full.near, gone.near, -1, last.near], with: &ring)
        #expect(results == [.wrote(3), .wrote(0), nil, nil, .wrote(3)])
        #expect(Self.readAll(ready.far) == [1, 2, 3])
        #expect(Self.readAll(last.far) == [1, 2, 3])
        #expect(SocketResult.write([1], to: gone.near) == .failed)
    }

    @Test("what a socket does not take at once is not waited for, and the rest can be sent when it takes more")
    func partial() throws {
        var ring = try SocketRing()
        let pair = SocketPair()
        let bytes = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 8) }
        var sent = 0
        var received: [UInt8] = []
        var sends = 0
        while sent < bytes.count {
            let results = try Self.send(Array(bytes[sent...]), on: [pair.near], with: &ring)
            guard case .wrote(let count)? = results[0], count > 0 else {
                Issue.record("a socket that has been read takes bytes")
                return
            }
            sent += count
            sends += 1
            received += Self.readAll(pair.far)
        }
        #expect(sends > 1)
        #expect((received == bytes) as Bool)
    }

    @Test("batches follow each other for longer than the ring is long, full ones and small ones")
    func goesRound() throws {
        var ring = try SocketRing()
        let pairs = (0..<SocketRing.capacity).map { _ in SocketPair() }
        for round in 0..<20 {
            let size = round % 2 == 0 ? SocketRing.capacity : round
            let bytes = [UInt8(round), 1]
            let results = try Self.send(bytes, on: pairs.prefix(size).map(\.near), with: &ring)
            #expect(results == .init(repeating: .wrote(2), count: size))
            #expect(pairs.prefix(size).allSatisfy { Self.readAll($0.far) == bytes })
        }
    }

    @Test("the bytes are the sender's own again when the call returns")
    func isSynchronous() throws {
        var ring = try SocketRing()
        let pairs = (0..<SocketRing.capacity).map { _ in SocketPair() }
        var bytes = [UInt8](repeating: 1, count: 50_000)
        try unsafe bytes.withUnsafeMutableBytes { bytes in
            for pair in pairs { unsafe ring.addSend(UnsafeRawBufferPointer(bytes), to: pair.near) }
            try ring.submit()
            unsafe bytes.initializeMemory(as: UInt8.self, repeating: 2)
        }
        for pair in pairs {
            let received = Self.readAll(pair.far)
            #expect((!received.isEmpty && received.allSatisfy { $0 == 1 }) as Bool)
        }
    }

    @Test("each read comes to what it would have come to by itself, whatever the others come to")
    func readOutcomes() throws {
        var ring = try SocketRing()
        let (ready, silent, gone, long, last) = (SocketPair(), SocketPair(), SocketPair(), SocketPair(), SocketPair())
        #expect(SocketResult.write([1, 2], to: ready.far) == .wrote(2))
        gone.closeFar()
        #expect(SocketResult.write([1, 2, 3, 4, 5], to: long.far) == .wrote(5))
        #expect(SocketResult.write([9], to: last.far) == .wrote(1))
        let sockets = [ready.near, silent.near, gone.near, -1, long.near, last.near]
        var space = [UInt8](repeating: 0, count: 4 * sockets.count)
        try unsafe space.withUnsafeMutableBytes { bytes in
            for (place, socket) in sockets.enumerated() {
                let slice = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[4 * place..<4 * place + 4])
                unsafe ring.addReceive(into: slice, from: socket)
            }
            try ring.submit()
        }
        let outcomes = sockets.indices.map { place in
            ring.readOutcome(of: place).map { SocketResult($0, into: Array(space[4 * place..<4 * place + 4])) }
        }
        #expect(outcomes == [.read([1, 2]), .wouldBlock, .ended, nil, .read([1, 2, 3, 4]), .read([9])])
        #expect(SocketResult.read(long.near) == .read([5]))
    }

    @Test("what was added to a batch that is given up is never done")
    func givenUp() throws {
        var ring = try SocketRing()
        let (left, done) = (SocketPair(), SocketPair())
        unsafe [UInt8](repeating: 1, count: 3).withUnsafeBytes { unsafe ring.addSend($0, to: left.near) }
        ring.removeAll()
        let results = try Self.send([2], on: [done.near], with: &ring)
        #expect(results == [.wrote(1)])
        #expect(Self.readAll(left.far).isEmpty)
        #expect(Self.readAll(done.far) == [2])
    }

    @Test("a ring that is none any more says so, and has sent nothing")
    func fails() throws {
        var ring = try SocketRing()
        let pair = SocketPair()
        let before = try Self.send([1], on: [pair.near], with: &ring)
        #expect(before == [.wrote(1)])
        try ring.breakDown()
        var failure: SystemError?
        do {
            _ = try Self.send([2], on: [pair.near], with: &ring)
        } catch let error as SystemError {
            failure = error
        }
        #expect(failure?.call == "io_uring_enter")
        let outcome = ring.writeOutcome(of: 0).map { SocketResult($0) }
        #expect(outcome == nil)
        #expect(Self.readAll(pair.far) == [1])
    }

    @Test("of a batch that the kernel takes in part, it is known which sends it has taken")
    func isCutShort() throws {
        var ring = try SocketRing()
        let pairs = (0..<5).map { _ in SocketPair() }
        ring.stop(before: 3)
        var failure: SystemError?
        do {
            _ = try Self.send([1], on: pairs.map(\.near), with: &ring)
        } catch let error as SystemError {
            failure = error
        }
        #expect(failure?.code == ENOMEM)
        let outcomes = pairs.indices.map { place in ring.writeOutcome(of: place).map { SocketResult($0) } }
        #expect(outcomes == [.wrote(1), .wrote(1), .wrote(1), nil, nil])
        #expect(pairs.map { Self.readAll($0.far) } == [[1], [1], [1], [], []])
    }

    @Test("it is handed on to no other program")
    func closesOnExec() throws {
        let ring = try SocketRing()
        let flags = unsafe fcntl(ring.ring.descriptor, F_GETFD)
        #expect(flags & FD_CLOEXEC != 0)
    }
}

extension SocketRing {
    /// Makes of its descriptor something that is no ring.
    func breakDown() throws {
        try RingFault(self).breakDown()
    }

    /// Has the kernel stop before a send or read of the next batch, as it does when it runs out of memory.
    ///
    /// - Parameter place: in a ring that has done nothing yet.
    func stop(before place: Int) {
        RingFault(self).stop(before: place)
    }
}
