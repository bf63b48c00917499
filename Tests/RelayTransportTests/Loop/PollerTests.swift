import Testing

@testable import RelayEngine

@Suite("Readiness")
struct PollerTests {
    /// What one wait reports.
    private struct Report: Hashable {
        let source: ReadinessSource
        let isReadable: Bool
        let isWritable: Bool
    }

    private static func source(_ number: UInt64) -> ReadinessSource {
        .connection(ConnectionKey(rawValue: number))
    }

    private static func reports(_ poller: inout Poller) -> Set<Report> {
        var reports: Set<Report> = []
        for index in 0..<poller.wait(milliseconds: 0) {
            let readiness = poller.readiness(index)
            reports.insert(
                Report(source: readiness.source, isReadable: readiness.isReadable, isWritable: readiness.isWritable))
        }
        return reports
    }

    @Test("a socket with bytes is reported with its token until they are read")
    func isLevelTriggered() throws {
        let pair = SocketPair()
        var poller = try Poller()
        try poller.add(pair.near, for: Self.source(5), interest: .readable)
        let atFirst = PollerTests.reports(&poller)
        _ = SocketResult.write([1], to: pair.far)
        let (once, again) = (PollerTests.reports(&poller), PollerTests.reports(&poller))
        _ = SocketResult.read(pair.near)
        let atLast = PollerTests.reports(&poller)
        let readable = Report(source: Self.source(5), isReadable: true, isWritable: false)
        #expect(atFirst.isEmpty)
        #expect(once == [readable])
        #expect(again == [readable])
        #expect(atLast.isEmpty)
    }

    @Test("a socket is reported as writable only while that is asked for")
    func watchesWriting() throws {
        let pair = SocketPair()
        var poller = try Poller()
        try poller.add(pair.near, for: Self.source(1), interest: .readable)
        try poller.modify(pair.near, for: Self.source(1), interest: [.readable, .writable])
        let asked = PollerTests.reports(&poller)
        try poller.modify(pair.near, for: Self.source(1), interest: .readable)
        let notAsked = PollerTests.reports(&poller)
        #expect(asked == [Report(source: Self.source(1), isReadable: false, isWritable: true)])
        #expect(notAsked.isEmpty)
    }

    @Test("a hang-up is reported as something to read, also when nothing was asked for")
    func reportsHangUp() throws {
        let pair = SocketPair()
        var poller = try Poller()
        try poller.add(pair.near, for: Self.source(3), interest: [])
        pair.closeFar()
        let reports = PollerTests.reports(&poller)
        #expect(reports == [Report(source: Self.source(3), isReadable: true, isWritable: false)])
    }

    @Test("a socket that was removed is reported no more")
    func removes() throws {
        let pair = SocketPair()
        var poller = try Poller()
        try poller.add(pair.near, for: Self.source(3), interest: .readable)
        _ = SocketResult.write([1], to: pair.far)
        poller.remove(pair.near)
        let reports = PollerTests.reports(&poller)
        #expect(reports.isEmpty)
    }

    @Test("a descriptor that cannot be watched is an error that names the call")
    func refuses() throws {
        let poller = try Poller()
        var refusal: SystemError?
        do throws(SystemError) {
            try poller.add(-1, for: Self.source(0), interest: .readable)
        } catch {
            refusal = error
        }
        #expect(refusal?.description == "epoll_ctl: Bad file descriptor")
    }

    @Test("events of one wait are taken in parts, and those put back are the next")
    func parts() throws {
        var poller = try Poller()
        let pairs = (0..<5).map { _ in SocketPair() }
        for (number, pair) in pairs.enumerated() {
            try poller.add(pair.near, for: Self.source(UInt64(number)), interest: .readable)
            _ = SocketResult.write([1], to: pair.far)
        }
        let count = poller.wait(milliseconds: 0)
        let first = poller.takeUnhandled(atMost: 2)
        let second = poller.takeUnhandled(atMost: 2)
        poller.putBack(1)
        let hasSome = poller.hasUnhandled
        let third = poller.takeUnhandled(atMost: 9)
        let rest = poller.takeUnhandled(atMost: 9)
        #expect(count == 5)
        #expect([first, second, third, rest] == [0..<2, 2..<4, 3..<5, nil])
        #expect(hasSome && !poller.hasUnhandled)
    }

    @Test("a peer that has gone is told from bytes of one that has not")
    func tellsHangUp() throws {
        let pair = SocketPair()
        var poller = try Poller()
        try poller.add(pair.near, for: Self.source(1), interest: .readable)
        _ = SocketResult.write([1], to: pair.far)
        let count = poller.wait(milliseconds: 0)
        let withBytes = poller.readiness(0).isHangUp
        pair.closeFar()
        let countGone = poller.wait(milliseconds: 0)
        let gone = poller.readiness(0).isHangUp
        #expect(count == 1 && countGone == 1)
        #expect(!withBytes && gone)
    }
}
