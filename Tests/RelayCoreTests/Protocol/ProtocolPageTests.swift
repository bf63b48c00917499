import Foundation
import RelayCore
import RelayWire
import Testing

@Suite("The page on the protocol")
struct ProtocolPageTests {
    private static let page: String = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/PROTOCOL.md")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }()

    @Test("it lists each error with its code and its text, and no other")
    func errors() {
        let listed = Self.page.matches(of: /(?m)^\| `([a-z_]+)` \| ([^|]+) \| (?:ends|waits|goes|mends)[^|]*\|$/).map {
            [String($0.output.1), String($0.output.2)]
        }
        let errors = RelayErrorKindTests.errors.map { error in
            error.kind == .unknownURLPlaceholder
                ? ["unknown_url_placeholder", RelayError.unknownURLPlaceholder("name").message]
                : [error.kind.rawValue, error.message]
        }
        #expect(Set(listed) == Set(errors))
        #expect(listed.count == errors.count)
    }

    @Test(
        "it lists each close code of the relay's own",
        arguments: [CloseCode.replaced, .roomClosed, .noRoom, .kicked, .tooSlow, .serviceRestart])
    func closeCodes(code: CloseCode) {
        #expect(Self.page.contains("| \(code.rawValue) | `"))
    }
}
