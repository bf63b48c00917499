import Logging
import Testing

@testable import RelayCore

@Suite("A client's secret")
struct ClientIDSecrecyTests {
    // Not private: the text of a private type holds an address, in which any number may occur.
    struct Holder {
        let id: ClientID
        let others: [ClientID: ClientID?]
    }

    private static let secret = "s3cr3t-Wxyz"
    private static let id = ClientID(Array(secret.utf8))

    /// The ways in which a value becomes text.
    private static let ways: [@Sendable (Any) -> String] = [
        { String(describing: $0) },
        { String(reflecting: $0) },
        { "\($0)" },
        { value in
            var text = ""
            dump(value, to: &text)
            return text
        },
        { value in Mirror(reflecting: value).children.map { "\($0.value)" }.joined() },
    ]

    @Test(
        "no conversion of a client id to text shows its bytes, alone or within another value",
        arguments: ways.indices)
    func staysSecret(way: Int) {
        let (id, text) = (ClientIDSecrecyTests.id, ClientIDSecrecyTests.ways[way])
        let values: [Any] = [
            id, Optional(id) as Any, [id], ["key": id], (id, 1), Holder(id: id, others: [id: id]),
            JoinRequest(clientID: id, room: nil, roomInCapitals: nil, ticket: nil),
            Result<ClientID, Never>.success(id),
        ]
        for value in values {
            let shown = text(value)
            // Neither as text nor as the numbers of its bytes.
            #expect(!shown.contains(ClientIDSecrecyTests.secret))
            #expect(!shown.contains("\(id.bytes[0])") && !shown.contains("\(id.bytes[1])"))
        }
    }

    @Test("a log line does not show them either")
    func staysOutOfLogs() throws {
        let pipe = LogPipe()
        let id = ClientIDSecrecyTests.id
        pipe.logger().info("client \(id)", metadata: ["id": "\(id)", "ids": .stringConvertible(id)])
        let line = String(decoding: pipe.closeAndRead(), as: UTF8.self)
        #expect(line.contains("ClientID(secret)"))
        #expect(!line.contains(ClientIDSecrecyTests.secret))
    }
}
