internal import RelayWire

// Once per connection.
extension Workload {
    static let http = [
        // The fields.
        Workload("http: read a browser's upgrade", .allocations(1)) { readHead(repetitions: $0) },
        Workload("http: check an upgrade and accept it", .allocations(4)) { accept(repetitions: $0) },
    ]

    private static func readHead(repetitions: Int) -> Int {
        var checksum = 0
        var parser = RequestHeadParser()
        for _ in 0..<repetitions {
            checksum &+= parser.head(of: Sample.upgrade).length
        }
        return checksum
    }

    /// The answer to a handshake, with the SHA-1 of its key.
    private static func accept(repetitions: Int) -> Int {
        var parser = RequestHeadParser()
        let head = parser.head(of: Sample.upgrade)
        let date = DateField(second: 784_111_777)
        var output: [UInt8] = []
        var checksum = 0
        for _ in 0..<repetitions {
            output.removeAll(keepingCapacity: true)
            do throws(HTTPFailure) {
                try OpeningHandshake.check(head, in: Sample.upgrade.span).append(to: &output, date: date)
            } catch {
                refused(error)
            }
            checksum &+= output.count
        }
        return checksum
    }
}

extension RequestHeadParser {
    fileprivate mutating func head(of bytes: [UInt8]) -> RequestHead {
        do throws(HTTPFailure) {
            guard let head = try parse(bytes.span) else { preconditionFailure("the head is whole") }
            return head
        } catch {
            refused(error)
        }
    }
}
