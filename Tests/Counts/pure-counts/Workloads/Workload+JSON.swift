internal import RelayCore

// Every message is validated once; of most nothing is decoded.
extension Workload {
    static let json = [
        Workload("json: scan a send of 64 B", .nothing) { scan(Sample.send(bytes: 64), repetitions: $0) },
        Workload("json: scan a state of 1 kB", .nothing) { scan(Sample.state, repetitions: $0) },
        Workload("json: scan 1 kB of other scripts", .nothing) { repetitions in
            scan([UInt8(ascii: "\"")] + Sample.chat + [UInt8(ascii: "\"")], repetitions: repetitions)
        },
        Workload("json: parse a send to a slot", .nothing) { repetitions in
            parse(Sample.send(bytes: 64, to: 3), repetitions: repetitions) { message, bytes throws(RelayError) in
                try message.recipient(in: bytes) == .slot(Slot(3)) ? 1 : 0
            }
        },
        // The client's id, and the code's text.
        Workload("json: parse a join", .allocations(2)) { repetitions in
            let limits = MessageLimits(maxClientsPerRoom: 64, maxClientIDBytes: 128)
            return parse(Sample.join, repetitions: repetitions) { message, bytes throws(RelayError) in
                try message.details(in: bytes).joinRequest(in: bytes, limits: limits).clientID?.bytes.count ?? 0
            }
        },
    ]

    private static func scan(_ text: [UInt8], repetitions: Int) -> Int {
        var checksum = 0
        for _ in 0..<repetitions {
            do throws(MalformedJSON) {
                checksum &+= try JSONScanner.scan(text.span).range.count
            } catch {
                refused(error)
            }
        }
        return checksum
    }

    @inline(__always)
    private static func parse(
        _ text: [UInt8], repetitions: Int, using read: (ClientMessage, Span<UInt8>) throws(RelayError) -> Int
    ) -> Int {
        var checksum = 0
        for _ in 0..<repetitions {
            do throws(RelayError) {
                checksum &+= try read(ClientMessage.parse(text.span), text.span)
            } catch {
                refused(error)
            }
        }
        return checksum
    }
}
