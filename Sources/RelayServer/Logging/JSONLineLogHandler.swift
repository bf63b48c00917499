internal import Glibc
internal import Logging
internal import NIOConcurrencyHelpers
internal import RelayCore

/// A log handler that writes each event as a JSON object on one line, for log collectors.
struct JSONLineLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let descriptor: Int32
    /// Longer values are cut off, so that a line fits into the free space of a writable pipe.
    private static let maxValueBytes = 500
    /// The keys that the handler itself writes.
    private static let ownKeys: Set = ["time", "level", "message", "error"]

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = Array("{\"time\":\"\(JSONLineLogHandler.now())\",\"level\":\"\(event.level.rawValue)\"".utf8)
        append("message", "\(event.message)", to: &line)
        if let error = event.error { append("error", "\(error)", to: &line) }
        let provided = metadataProvider?.get() ?? [:]
        let all = provided.merging(metadata) { $1 }.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            // A key that is taken gets a suffix: an object has each key once.
            append(JSONLineLogHandler.ownKeys.contains(key) ? "\(key)_" : key, value, to: &line)
        }
        line.append(contentsOf: "}\n".utf8)
        // A collector that has stopped reading loses lines; a loop that waited for it would stall all its games.
        JSONLineLogHandler.writing.withLock {
            guard isWritable else { return }
            // One call per line, so that lines of several threads do not mix.
            _ = unsafe line.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        }
    }

    /// Nobody else may fill the pipe between the check that a line can be written and its write.
    private static let writing = NIOLock()

    /// True if a line can be written without blocking: a writable pipe takes at least 4 KiB.
    private var isWritable: Bool {
        var target = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&target, 1, 0) == 1 && target.revents & Int16(POLLOUT) != 0
    }

    private func append(_ key: String, _ value: Logger.MetadataValue, to line: inout [UInt8]) {
        line.append(UInt8(ascii: ","))
        JSONText.appendString(key, to: &line)
        line.append(UInt8(ascii: ":"))
        if case .stringConvertible(let value) = value, let literal = JSONLineLogHandler.literal(value) {
            return line.append(contentsOf: literal.utf8)
        }
        JSONText.appendString(
            String(decoding: value.description.utf8.prefix(JSONLineLogHandler.maxValueBytes), as: UTF8.self), to: &line)
    }

    /// A number or a truth value as JSON writes it, which metadata holds as what they are; nil for everything else.
    ///
    /// A text stays a text, even if it could be read as a number: a room's code may have digits alone.
    private static func literal(_ value: any CustomStringConvertible) -> String? {
        switch value {
        case let truth as Bool: "\(truth)"
        case let number as any FixedWidthInteger: "\(number)"
        // JSON has no infinity.
        case let number as Double: number.isFinite ? "\(number)" : nil
        default: nil
        }
    }

    /// The current time in the format of RFC 3339, in UTC with milliseconds.
    private static func now() -> String {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        var calendar = unsafe tm()
        unsafe gmtime_r(&time.tv_sec, &calendar)
        var text = [CChar](repeating: 0, count: 32)
        let count = unsafe strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &calendar)
        let seconds = String(decoding: text.prefix(count).map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        let milliseconds = String(time.tv_nsec / 1_000_000)
        return seconds + "." + String(repeating: "0", count: 3 - milliseconds.count) + milliseconds + "Z"
    }
}
