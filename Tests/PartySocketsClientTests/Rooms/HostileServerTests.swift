import PartySocketsClient
import Testing

@Suite("Servers that misbehave")
struct HostileServerTests {
    private static let joined = #"{"type":"joined","room":"K4qZ9x","index":1,"peers":[0],"maxClients":8,"away":[]}"#

    /// Lets everybody in.
    private static let hospitable: ScriptedRelay.Script = { _, message in
        message.hasPrefix(#"{"type":"join""#) ? [.say(joined)] : []
    }

    @Test(
        "each close code ends the room or is followed by a return, as the table says", .timeLimit(.minutes(1)),
        arguments: [
            (nil, nil), (1000, nil), (1001, nil), (1002, nil), (1003, nil), (1007, nil), (1008, nil), (1009, nil),
            (1011, nil), (1012, nil), (1013, nil), (1014, nil), (4000, .replaced), (4001, .roomClosed), (4002, nil),
            (4003, .kicked), (4008, nil), (4999, nil),
        ] as [(Int?, PartyError.Code?)])
    func closes(code: Int?, end expected: PartyError.Code?) async throws {
        try await ScriptedRelay.run { connection, message in
            guard message.hasPrefix(#"{"type":"join""#) else { return [] }
            let close: ScriptedRelay.Step = code.map { .close($0, "because") } ?? .closeWithoutCode
            return [.say(Self.joined)] + (connection == 0 ? [close] : [])
        } _: { relay, url in
            let room = try await Room.join(url, code: "K4qZ9x")
            if let expected {
                let error = try await end(of: room)
                #expect(error.code == expected)
                #expect(error.closeCode == code)
                #expect(relay.connections == 1)
            } else {
                let error = try await next(room.events, "the end of the connection") { event in
                    if case .disconnected(let error) = event { error } else { nil }
                }
                #expect(error.closeCode == code)
                _ = try await next(room.events, "the return") { if case .reconnected = $0 { true } else { nil } }
                #expect(relay.connections == 2)
            }
        }
    }

    @Test(
        "a server that never answers, or says half of what it should, is not waited for longer than the timeout",
        .timeLimit(.minutes(1)),
        arguments: [.silence, .bytes("HTTP/1.1 101 Switching"), .webSocket] as [ScriptedRelay.Welcome])
    func silent(welcome: ScriptedRelay.Welcome) async throws {
        try await ScriptedRelay.run({ _, _ in [] }, welcome: { _ in welcome }) { relay, url in
            var options = RoomOptions()
            options.timeout = .milliseconds(500)
            await expectError(.timeout) { try await Room.join(url, code: "K4qZ9x", options: options) }
            try await eventually("the end of the connection") { relay.endings == relay.connections }
        }
    }

    @Test(
        "what is no WebSocket server is known as that", .timeLimit(.minutes(1)),
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", .noRelay),
            ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", .notAllowed),
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", .roomNotFound),
            ("HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\nContent-Length: 0\r\n\r\n", .noRelay),
            ("HTTP/1.1 429 Slow\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n", .tooManyAttempts),
            ("HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n", .unreachable),
            ("SSH-2.0-OpenSSH_9.2\r\n", .unreachable), ("\u{0}\u{0}\u{0}", .unreachable),
            (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                    + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n", .unreachable
            ),
        ] as [(String, PartyError.Code)])
    func noServer(answer: String, code: PartyError.Code) async throws {
        try await ScriptedRelay.run({ _, _ in [] }, welcome: { _ in .bytes(answer) }) { relay, url in
            var options = RoomOptions()
            options.timeout = .seconds(2)
            await expectError(code) { try await Room.join(url, code: "K4qZ9x", options: options) }
            try await eventually("the end of all connections") { relay.endings == relay.connections }
        }
    }

    @Test("a refusal with Retry-After is followed by the next attempt then", .timeLimit(.minutes(1)))
    func retryAfter() async throws {
        let busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedRelay.run(Self.hospitable, welcome: { $0 == 0 ? .bytes(busy) : .webSocket }) { relay, url in
            let begun = ContinuousClock.now
            let room = try await Room.join(url, code: "K4qZ9x")
            #expect(ContinuousClock.now - begun >= .seconds(1))
            #expect(room.index == 1)
            #expect(relay.connections == 2)
        }
    }

    @Test("a redirect within the site is followed", .timeLimit(.minutes(1)))
    func redirect() async throws {
        let moved = "HTTP/1.1 302 Found\r\nLocation: /K4qZ9x\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedRelay.run(Self.hospitable, welcome: { $0 == 0 ? .bytes(moved) : .webSocket }) { relay, url in
            _ = try await Room.join(url, code: "K4qZ9x")
            #expect(relay.connections == 2)
        }
    }

    @Test("garbage in a room is an event, and no end", .timeLimit(.minutes(1)))
    func garbage() async throws {
        try await ScriptedRelay.run { _, message in
            switch message {
            case let text where text.hasPrefix(#"{"type":"join""#): [.say(Self.joined)]
            case let text where text.hasPrefix(#"{"type":"send""#):
                [.say("{"), .say(#"{"type":7}"#), .say(""), .say(#"{"type":"message","from":0,"data":1}"#)]
            default: []
            }
        } _: { relay, url in
            let room = try await Room.join(url, code: "K4qZ9x")
            try room.send("go")
            for text in ["{", #"{"type":7}"#, ""] { try await expect(.unreadable(Array(text.utf8)), from: room) }
            try await expect(.message(from: 0, data: RawJSON(text: "1")), from: room)
            #expect(relay.connections == 1)
        }
    }

    @Test("frames that the standard forbids end the connection, and the next one goes on", .timeLimit(.minutes(1)))
    func forbidden() async throws {
        try await ScriptedRelay.run { connection, message in
            guard message.hasPrefix(#"{"type":"join""#) else { return [] }
            return [.say(Self.joined)] + (connection == 0 ? [.longPing] : [])
        } _: { relay, url in
            let room = try await Room.join(url, code: "K4qZ9x")
            let error = try await next(room.events, "the end of the connection") { event in
                if case .disconnected(let error) = event { error } else { nil }
            }
            #expect(error.message.contains("multiByteControlFrameLength"))
            _ = try await next(room.events, "the return") { if case .reconnected = $0 { true } else { nil } }
            #expect(relay.connections == 2)
        }
    }

    @Test("a task that is cancelled while it comes in waits no longer", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        try await ScriptedRelay.run({ _, _ in [] }, welcome: { _ in .silence }) { relay, url in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await expectError(.aborted) { try await Room.join(url, code: "K4qZ9x") } }
                group.addTask { try? await eventually("a connection") { relay.connections > 0 } }
                await group.next()
                group.cancelAll()
            }
            try await eventually("the end of the connection") { relay.endings == relay.connections }
        }
    }

    @Test("events that nobody reads are dropped beyond the buffer, and counted in their place", .timeLimit(.minutes(1)))
    func overflow() async throws {
        try await ScriptedRelay.run { _, message in
            if message.hasPrefix(#"{"type":"join""#) {
                return [.say(Self.joined)] + (0..<100).map { .say(#"{"type":"message","from":0,"data":\#($0)}"#) }
            }
            return message.hasPrefix(#"{"type":"send""#) ? [.close(4001, "room closed")] : []
        } _: { _, url in
            var options = RoomOptions()
            options.eventBuffer = 10
            let room = try await Room.join(url, code: "K4qZ9x", options: options)
            try room.send(1)
            try await eventually("the end") { room.status == .closed }
            var events: [RoomEvent] = []
            for await event in room.events { events.append(event) }
            let expected: [RoomEvent] = (0..<10).map { .message(from: 0, data: RawJSON(text: "\($0)")) }
            #expect(Array(events.prefix(10)) == expected)
            #expect(events.dropFirst(10).first == .missed(90))
            #expect(events.count == 12)
            guard case .closed = events.last else { return #expect(Bool(false)) }
        }
    }

    @Test("a ticket moves a seat, and a relay that is too old is known to be", .timeLimit(.minutes(1)))
    func tickets() async throws {
        try await ScriptedRelay.run { connection, message in
            switch message {
            case let text where text.hasPrefix(#"{"type":"create""#):
                let more = connection == 0 ? #","instance":"","region":"","maxClients":8,"hold":0"# : ""
                return [.say(#"{"type":"created","room":"K4qZ9x","index":0\#(more)}"#)]
            case #"{"type":"ticket","index":1}"#: return [.say(#"{"type":"ticket","index":1,"ticket":"abc"}"#)]
            case #"{"type":"ticket","index":2}"#:
                return [.say(#"{"type":"error","message":"Target peer not found","code":"target_not_found"}"#)]
            default: return []
            }
        } _: { relay, url in
            let host = try await Room.create(url)
            #expect(try await host.ticket(for: 1) == "abc")
            let error = await #expect(throws: PartyError.self) { try await host.ticket(for: 2) }
            #expect(error?.code == .targetNotFound)
            try host.kick(3, ban: true)
            try host.lock()
            try host.lock(false)
            try host.send(1, to: .these([1, 2]))
            try await eventually("the messages") { relay.messages.last == #"{"type":"send","to":[1,2],"data":1}"# }
            #expect(
                Array(relay.messages.suffix(4).prefix(3)) == [
                    #"{"type":"kick","index":3,"ban":true}"#, #"{"type":"lock","locked":true}"#,
                    #"{"type":"lock","locked":false}"#,
                ])

            let old = try await Room.create(url)
            #expect(throws: PartyError.self) { try old.kick(1) }
            try old.send(2, to: .these([1, 2]))
            try await eventually("two messages instead of one") {
                relay.messages.suffix(2) == [#"{"type":"send","to":1,"data":2}"#, #"{"type":"send","to":2,"data":2}"#]
            }
        }
    }
}
