import NIOCore
import Testing

@testable import AresDNS

@Suite("Names")
struct DNSNameTests {
    static let longLabel = String(repeating: "a", count: 63)
    /// 253 bytes, which are 255 on the wire.
    static let longName = [longLabel, longLabel, longLabel, String(longLabel.dropLast(2))].joined(separator: ".")

    @Test("a name is normalised to lower case without the trailing dot", arguments: ["a_1-x.B", "A_1-X.b."])
    func normalisation(text: String) throws {
        #expect(try DNSName(text).description == "a_1-x.b")
    }

    @Test("labels of 63 bytes and names of 253 are accepted", arguments: [longLabel, longName, longName + "."])
    func limits(text: String) throws {
        #expect(try DNSName(text).description.utf8.count == text.utf8.count - (text.hasSuffix(".") ? 1 : 0))
    }

    @Test(
        "anything but a host name is refused before any server is asked",
        arguments: [
            "", ".", "..", ".a", "a..b", "a..", longLabel + "a", longName + "a", "a b", "a\0", "\0", "a\0.b", "a\\.b",
            "a\u{7}b", "a\u{7f}", "a\n", "ä.de", "a/b", "a:b", "fd00::1", "[::1]", "*.a", "a%b",
        ])
    func refusal(text: String) async throws {
        let server = try await ScriptedNameServer(answering: .text("x"))
        try await AresResolver.using(server.address) { resolver in
            await #expect(resolver.failure(text) == .invalidName)
            await #expect(throws: AresError.self) {
                try await resolver.addresses(of: text, port: 0, deadline: .distantFuture)
            }
        }
        await #expect(server.questions.isEmpty)
        await server.stop()
    }
}
