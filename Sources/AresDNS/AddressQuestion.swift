internal import NIOCore

/// One caller's question for the addresses of a name, of both families.
///
/// Loop-bound once it has started. Both questions are asked in one go, that for IPv4 first: were they apart in the
/// waiting line, those for a family about which the server is silent could fill all places before the others get one.
final class AddressQuestion {
    typealias Continuation = CheckedContinuation<[[UInt8]], any Error>

    private let name: DNSName
    private let resolutionDelay: TimeAmount
    private var race = AddressRace()
    private var table: QueryTable?
    /// Those of families that have not answered.
    private var tickets: [AddressRace.Family: Ticket] = [:]
    private var delay: Scheduled<Void>?
    private var continuation: Continuation?
    private var isGivenUp = false

    init(of name: DNSName, resolutionDelay: TimeAmount) {
        self.name = name
        self.resolutionDelay = resolutionDelay
    }

    func start(
        in table: QueryTable, on eventLoop: any EventLoop, deadline: NIODeadline, _ continuation: Continuation
    ) {
        guard !isGivenUp else { return continuation.resume(throwing: CancellationError()) }
        self.table = table
        self.continuation = continuation
        for family in [AddressRace.Family.ipv4, .ipv6] {
            let ticket = Ticket()
            tickets[family] = ticket
            table.ask(question(of: family), deadline: deadline, ticket: ticket) {
                self.answered(family, $0, on: eventLoop)
            }
        }
    }

    /// The caller has been cancelled, perhaps before the start.
    func giveUp() {
        isGivenUp = true
        end(.failure(CancellationError()))
    }

    private func question(of family: AddressRace.Family) -> Question {
        Question(name: name, type: family.recordType)
    }

    private func answered(
        _ family: AddressRace.Family, _ result: Result<[[UInt8]], any Error>, on eventLoop: any EventLoop
    ) {
        guard continuation != nil else { return }
        tickets[family] = nil
        let answer: AddressRace.Answer
        do { answer = .success(try result.get()) } catch let error as AresError {
            answer = .failure(error)
        } catch {
            return end(.failure(error))
        }
        switch race.answered(family, answer) {
        case .wait: break
        case .waitBriefly:
            delay = eventLoop.assumeIsolated().scheduleTask(in: resolutionDelay) {
                if case .end(let answer) = self.race.delayEnded() { self.end(answer.mapError { $0 }) }
            }
        case .end(let answer): end(answer.mapError { $0 })
        }
    }

    /// Ends the question, unless it has ended before; what is still asked is of no use.
    private func end(_ result: Result<[[UInt8]], any Error>) {
        guard let continuation else { return }
        self.continuation = nil
        delay?.cancel()
        continuation.resume(with: result)
        for (family, ticket) in tickets { table?.giveUp(ticket, on: question(of: family)) }
        tickets = [:]
        table = nil
    }
}
