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

    private static func reports(_ poller: borrowing Poller) -> Set<Report> {
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
        let poller = try Poller()
        try poller.add(pair.near, for: Self.source(5), interest: .readable)
        let atFirst = PollerTests.reports(poller)
        _ = SocketResult.write([1], to: pair.far)
        let (once, again) = (PollerTests.reports(poller), PollerTests.reports(poller))
        _ = SocketResult.read(pair.near)
        let atLast = PollerTests.reports(poller)
        let readable = Report(source: Self.source(5), isReadable: true, isWritable: false)
        #expect(atFirst.isEmpty)
        #expect(once == [readable])
        #expect(again == [readable])
        #expect(atLast.isEmpty)
    }

    @Test("a socket is reported as writable only while that is asked for")
    func watchesWriting() throws {
        let pair = SocketPair()
        let poller = try Poller()
        try poller.add(pair.near, for: Self.source(1), interest: .readable)
        poller.modify(pair.near, for: Self.source(1), interest: [.readable, .writable])
        let asked = PollerTests.reports(poller)
        poller.modify(pair.near, for: Self.source(1), interest: .readable)
        let notAsked = PollerTests.reports(poller)
        #expect(asked == [Report(source: Self.source(1), isReadable: false, isWritable: true)])
        #expect(notAsked.isEmpty)
    }

    @Test("a hang-up is reported as something to read, also when nothing was asked for")
    func reportsHangUp() throws {
        let pair = SocketPair()
        let poller = try Poller()
        try poller.add(pair.near, for: Self.source(3), interest: [])
        pair.closeFar()
        let reports = PollerTests.reports(poller)
        #expect(reports == [Report(source: Self.source(3), isReadable: true, isWritable: false)])
    }

    @Test("a socket that was removed is reported no more")
    func removes() throws {
        let pair = SocketPair()
        let poller = try Poller()
        try poller.add(pair.near, for: Self.source(3), interest: .readable)
        _ = SocketResult.write([1], to: pair.far)
        poller.remove(pair.near)
        let reports = PollerTests.reports(poller)
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
}
