import Foundation
import Testing

@testable import PartySocketsClient

@Suite("The relay's errors")
struct ErrorTextTests {
    @Test("the code of each documented text is the documented one, for relays that send texts alone")
    func codes() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let protocolPage = try String(contentsOf: root.appending(path: "Sources/PROTOCOL.md"), encoding: .utf8)
        let rows = protocolPage.matches(of: /(?m)^\| `([a-z_]+)` \| ([A-Za-z][^|`]*) \| (ends|waits|mends|goes)/)
        #expect(rows.count > 30)
        for row in rows {
            let error = PartyError(message: String(row.2), code: nil, retryAfter: nil)
            #expect(error.code.rawValue == row.1)
        }
    }

    @Test("what the documentation calls an end is one, and what it calls a wait is none")
    func verdicts() throws {
        for code in ["room_locked", "not_allowed", "ticket_invalid", "room_not_found", "not_in_room"] {
            #expect(PartyError(.init(rawValue: code), "").isFinal)
        }
        for code in ["room_full", "server_full", "server_draining", "too_many_attempts"] {
            #expect(!PartyError(.init(rawValue: code), "").isFinal)
        }
    }

    @Test("an error's own code counts more than its text, and its wait has bounds")
    func wire() {
        let text = #"{"type":"error","message":"Room is full","code":"new_code","retryAfter":\#(1e300)}"#
        guard case .error(let error) = ServerMessage(Array(text.utf8)) else { return #expect(Bool(false)) }
        #expect(error.code.rawValue == "new_code")
        #expect(error.retryAfter == .seconds(3_600))
    }
}
