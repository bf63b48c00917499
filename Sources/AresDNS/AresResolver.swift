public import NIOCore
internal import Synchronization

/// An asynchronous DNS resolver for TXT and address records, on an event loop of the program's own.
///
/// It starts no thread, takes no lock and polls nothing: the c-ares library speaks DNS, and the event loop does its
/// I/O and timers. Any task on any thread may ask; all work happens on the one event loop.
///
/// Names are absolute: there are no search domains, and `/etc/hosts` is not read. Nothing is cached, but callers that
/// ask the same question at the same time share one query.
///
/// ```swift
/// let resolver = try AresResolver(on: MultiThreadedEventLoopGroup.singleton.next())
/// let addresses = try await resolver.addresses(of: "example.com", port: 443, deadline: .now() + .seconds(3))
/// await resolver.shutdown()
/// ```
public final class AresResolver: Sendable {
    private let eventLoop: any EventLoop
    private let queries: NIOLoopBoundBox<QueryTable>
    private let resolutionDelay: TimeAmount
    private let isShutDown = Atomic(false)

    /// Creates a resolver on this event loop; nothing is sent or opened yet.
    ///
    /// - Throws: ``AresError`` with the code `invalidConfiguration`. A missing or empty `resolv.conf` is not an
    ///   error: it may appear later.
    public init(on eventLoop: any EventLoop, configuration: Configuration = .init()) throws(AresError) {
        try configuration.validate()
        try AresLibrary.initialize()
        self.eventLoop = eventLoop
        resolutionDelay = configuration.resolutionDelay
        queries = NIOLoopBoundBox.makeBoxSendingValue(
            QueryTable(eventLoop: eventLoop, configuration: configuration), eventLoop: eventLoop)
    }

    deinit {
        guard !isShutDown.load(ordering: .acquiring) else { return }
        eventLoop.execute { [queries] in _ = queries.value.shutDown() }
    }

    /// The TXT records of a name: one element per record, its character strings joined, in the order of the answer,
    /// which is arbitrary.
    ///
    /// - Parameters:
    ///   - name: an absolute name, with or without the last dot; letters, digits, `-` and `_`.
    ///   - deadline: when to give up; other callers that wait for the same answer are not affected.
    /// - Throws: ``AresError``, or `CancellationError` at once when the task is cancelled.
    public func txt(_ name: String, deadline: NIODeadline) async throws -> [[UInt8]] {
        try await records(.txt, of: DNSName(name), deadline: deadline)
    }

    /// The addresses of a name: first the IPv6 ones, then the IPv4 ones, each in the order of the answer.
    ///
    /// Both families are asked at once. The addresses of one are returned without those of the other if that fails in
    /// any way, or is silent for longer than ``Configuration/resolutionDelay``; the name fails only when both do.
    ///
    /// - Parameters:
    ///   - name: an absolute name, with or without the last dot; letters, digits, `-` and `_`. No address literals.
    ///   - port: the port of the resulting addresses, up to 65535; 0 if it does not matter.
    ///   - deadline: when to give up; other callers that wait for the same answer are not affected.
    /// - Throws: ``AresError``, or `CancellationError` at once when the task is cancelled.
    public func addresses(of name: String, port: Int, deadline: NIODeadline) async throws -> [SocketAddress] {
        precondition((0...65_535).contains(port), "a port is a number from 0 to 65535")
        let found = try await bothFamilies(of: DNSName(name), deadline: deadline)
        return try found.map { try SocketAddress(packedIPAddress: ByteBuffer(bytes: $0), port: port) }
    }

    /// Fails all open questions with the error `shutDown` and closes all sockets; later questions get the same error.
    ///
    /// Call it before the event loop ends. Returns when every socket is closed.
    public func shutdown() async {
        isShutDown.store(true, ordering: .releasing)
        try? await eventLoop.flatSubmit { [queries] in queries.value.shutDown() }.get()
    }

    private func records(
        _ type: RecordType, of name: DNSName, deadline: NIODeadline
    ) async throws -> [[UInt8]] {
        let question = Question(name: name, type: type)
        let ticket = Ticket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                eventLoop.execute { [queries] in
                    queries.value.ask(question, deadline: deadline, ticket: ticket) { continuation.resume(with: $0) }
                }
                // The cancellation handler may have run before the question was in the table.
                if Task.isCancelled { giveUp(ticket, on: question) }
            }
        } onCancel: {
            giveUp(ticket, on: question)
        }
    }

    private func bothFamilies(of name: DNSName, deadline: NIODeadline) async throws -> [[UInt8]] {
        let question = NIOLoopBoundBox.makeBoxSendingValue(
            AddressQuestion(of: name, resolutionDelay: resolutionDelay), eventLoop: eventLoop)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                eventLoop.execute { [queries, eventLoop] in
                    question.value.start(in: queries.value, on: eventLoop, deadline: deadline, continuation)
                }
            }
        } onCancel: {
            eventLoop.execute { question.value.giveUp() }
        }
    }

    private func giveUp(_ ticket: Ticket, on question: Question) {
        eventLoop.execute { [queries] in queries.value.giveUp(ticket, on: question) }
    }
}
