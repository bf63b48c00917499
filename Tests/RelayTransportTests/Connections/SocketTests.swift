import Glibc
import Testing

@testable import RelayEngine

@Suite("Calls on a socket")
struct SocketTests {
    @Test("what one end writes the other reads, and then there is nothing for now")
    func carriesBytes() {
        let pair = SocketPair()
        #expect(SocketResult.read(pair.far) == .wouldBlock)
        #expect(SocketResult.write([1, 2, 3], to: pair.near) == .wrote(3))
        #expect(SocketResult.read(pair.far, upTo: 2) == .read([1, 2]))
        #expect(SocketResult.read(pair.far) == .read([3]))
        #expect(SocketResult.read(pair.far) == .wouldBlock)
    }

    @Test("a full socket takes nothing for now and has not failed")
    func fillsUp() {
        let pair = SocketPair()
        let block = [UInt8](repeating: 7, count: 65_536)
        var taken = 0
        while case .wrote(let count) = SocketResult.write(block, to: pair.near), count > 0 { taken += count }
        #expect(taken > 0)
        #expect(SocketResult.write(block, to: pair.near) == .wrote(0))
        var received = 0
        while case .read(let bytes) = SocketResult.read(pair.far, upTo: 65_536) { received += bytes.count }
        #expect(received == taken)
        guard case .wrote(let count) = SocketResult.write(block, to: pair.near) else {
            Issue.record("a socket that has been read takes bytes again")
            return
        }
        #expect(count > 0)
    }

    @Test("the end of the peer is read behind its last bytes")
    func ends() {
        let pair = SocketPair()
        #expect(SocketResult.write([5], to: pair.far) == .wrote(1))
        pair.closeFar()
        #expect(SocketResult.read(pair.near) == .read([5]))
        #expect(SocketResult.read(pair.near) == .ended)
    }

    @Test("writing to a peer that is gone fails, and no signal ends the process")
    func writesToNobody() {
        let pair = SocketPair()
        pair.closeFar()
        #expect(SocketResult.write([1], to: pair.near) == .failed)
    }

    @Test("a peer that goes without having read is a failure, not an end")
    func isReset() {
        let pair = SocketPair()
        #expect(SocketResult.write([1], to: pair.near) == .wrote(1))
        pair.closeFar()
        #expect(SocketResult.read(pair.near) == .failed)
    }

    @Test("who has finished writing still reads")
    func finishesHalf() {
        let pair = SocketPair()
        #expect(Socket.finishWriting(pair.near))
        #expect(SocketResult.read(pair.far) == .ended)
        #expect(SocketResult.write([8], to: pair.far) == .wrote(1))
        #expect(SocketResult.read(pair.near) == .read([8]))
    }

    @Test("whose connection has ended is told so when it finishes writing")
    func finishesWhatHasEnded() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        #expect(descriptor >= 0)
        #expect(!Socket.finishWriting(descriptor))
    }
}
