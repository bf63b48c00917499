import Testing

@testable import AresDNS

@Suite("Names")
struct DNSNameTests {
    @Test("a name is taken without its last dot and in lower case", arguments: ["a.B", "A.b."])
    func normalisation(text: String) throws {
        #expect(try DNSName(text).description == "a.b")
    }
}
