internal import Glibc

/// How often the relay has held back the messages of connections, as its metrics tell: below a limit that is meant for
/// players, a load measures nothing but the limit. Other clients of the same time count, too.
struct Throttling {
    private let url: ServerURL
    private let server: SocketAddress
    private let before: Counts

    /// Nil if the server has no such metrics at the URL's port.
    init?(of url: ServerURL, at server: SocketAddress) {
        guard let before = Throttling.counts(url, server) else { return nil }
        self.url = url
        self.server = server
        self.before = before
    }

    /// True if it has done so since; nil if it does not tell any more, or if another relay answers.
    func hasStruck() -> Bool? {
        Throttling.counts(url, server).flatMap { $0.haveGrown(since: before) }
    }

    private static func counts(_ url: ServerURL, _ server: SocketAddress) -> Counts? {
        PlainRequest.body(of: "/metrics", url, at: server).flatMap { Counts(in: $0) }
    }

    /// The counts of one relay's limit on messages.
    struct Counts {
        /// By the series' labels, among which is the instance.
        private let bySeries: [Substring: Int]
        /// When the process started: relays without an instance of their own have the same labels, and a new start
        /// counts from 0.
        private let start: Substring?

        /// Nil if the metrics have none.
        init?(in metrics: String) {
            var bySeries: [Substring: Int] = [:]
            var start: Substring?
            for line in metrics.split(separator: "\n") {
                guard let blank = line.lastIndex(of: " ") else { continue }
                let (series, value) = (line[..<blank], line[line.index(after: blank)...])
                if series.hasPrefix("process_start_time_seconds") { start = value }
                guard series.hasPrefix("party_sockets_limits_total{"), series.contains("limit=\"messages_per_second\"")
                else { continue }
                bySeries[series] = Int(value)
            }
            guard !bySeries.isEmpty else { return nil }
            (self.bySeries, self.start) = (bySeries, start)
        }

        /// True if one has; nil if the earlier ones are another relay's.
        func haveGrown(since earlier: Counts) -> Bool? {
            guard start == earlier.start, bySeries.keys == earlier.bySeries.keys else { return nil }
            return bySeries.contains { series, count in count > earlier.bySeries[series] ?? count }
        }
    }
}

/// A GET on a connection of its own.
enum PlainRequest {
    private static let mostBytes = 1 << 20
    private static let patienceSeconds = 1

    /// The body of the answer; nil if there is none within a second or so. Blocks.
    static func body(of path: String, _ url: ServerURL, at server: SocketAddress) -> String? {
        let descriptor = socket(server.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: patienceSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        guard unsafe server.withSockaddr({ unsafe connect(descriptor, $0, $1) }) == 0 else { return nil }
        var request = "GET \(path) HTTP/1.1\r\nHost: \(url.authority)\r\nConnection: close\r\n\r\n"
        let sent = request.withUTF8 { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent == request.utf8.count else { return nil }
        return body(in: answer(on: descriptor))
    }

    private static func answer(on descriptor: Int32) -> [UInt8] {
        let end = Clocks.monotonic() + UInt64(3 * patienceSeconds) * 1_000_000_000
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while answer.count < mostBytes, Clocks.monotonic() < end {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer.prefix(count)
        }
        return answer
    }

    private static func body(in answer: [UInt8]) -> String? {
        let text = String(decoding: answer, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 200 "), let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        return String(text[end.upperBound...])
    }
}
