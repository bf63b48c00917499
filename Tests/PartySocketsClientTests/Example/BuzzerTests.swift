import Foundation
import NIOConcurrencyHelpers
import PartySocketsClient
import Testing

@Suite("The example of the documentation")
struct BuzzerTests {
    @Test("plays", .timeLimit(.minutes(1)))
    func plays() async throws {
        try await LocalRelay.run { relay in
            let shown = NIOLockedValueBox<[String]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await runDisplay(on: relay.url) { line in shown.withLockedValue { $0.append(line) } }
                }
                try await eventually("the code") { !shown.withLockedValue(\.isEmpty) }
                let invitation = try #require(shown.withLockedValue { $0.first })
                let code = String(invitation.suffix(6))
                for (name, wins) in [("Ada", ["Ada": 1]), ("Grace", ["Ada": 1, "Grace": 1])] {
                    let board = try await runPhone(of: name, on: relay.url, code: code)
                    #expect(board == Scoreboard(winner: name, wins: wins))
                }
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(shown.withLockedValue { $0.last } == "Over: Cancelled")
        }
    }

    @Test("is the one that stands there, line by line")
    func isDocumented() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let example = try String(contentsOf: here.appending(path: "Buzzer.swift"), encoding: .utf8)
        let folder = here.appending(path: "../../../Sources/PartySocketsClient/PartySocketsClient.docc")
        let article = try String(contentsOf: folder.appending(path: "PartySocketsClient.md"), encoding: .utf8)
        #expect(article.contains("```swift\n\(example)```\n"))
    }
}
