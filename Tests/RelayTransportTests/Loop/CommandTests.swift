import RelayWire
import Testing

@testable import RelayEngine

@Suite("Commands to a loop")
struct CommandTests {
    @Test("what other threads post is performed on the loop, each thread's in its order")
    func performed() async throws {
        let group = try LoopGroup<ScriptedHandler>(loops: 1)
        let (threads, commands) = (4, 200)
        let taken = await withTaskGroup(of: Bool.self) { tasks in
            for thread in 0..<threads {
                tasks.addTask {
                    (0..<commands).map { group.post("\(thread) \($0)", toLoop: 0) }.allSatisfy { $0 }
                }
            }
            return await tasks.reduce(into: true) { $0 = $0 && $1 }
        }
        let stepped = try SteppedLoop(of: group)
        stepped.turn()
        #expect(taken)
        for thread in 0..<threads {
            let own = stepped.handler.performed.filter { $0.hasPrefix("\(thread) ") }
            #expect(own == (0..<commands).map { "\(thread) \($0)" })
        }
        #expect(stepped.handler.dropped.isEmpty)
    }

    @Test("a command wakes its loop up, and a close that it decides on takes effect after it")
    func closes() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open(isWebSocket: true)
        stepped.handler.onCommand = { _, loop in
            loop.close(connection, .roomClosed, reason: "over")
            #expect(connection.phase == .webSocket)
        }
        #expect(stepped.loop.group.post("close", toLoop: 0))
        #expect(isReadable(stepped.loop.group.mailboxes[0].descriptor))
        stepped.loop.turn()
        #expect(connection.phase == .closing)
        #expect(SocketResult.read(client.far) == .read([0x88, 0x06, 0x0F, 0xA1] + Array("over".utf8)))
    }

    @Test("of the commands to a loop that ends each is performed or dropped, in order, and none is taken afterwards")
    func ended() throws {
        // Of each turn, what is done before the clock is read for the first time.
        let stepped = try SteppedLoop { $0.turnTime = 3 }
        let group = stepped.loop.group
        group.beginShutdown(.atOnce)
        let commands = (0..<20).map { "\($0)" }
        for command in commands { #expect(group.post(command, toLoop: 0)) }
        stepped.loop.run()
        #expect(!stepped.handler.performed.isEmpty && !stepped.handler.dropped.isEmpty)
        #expect(stepped.handler.performed + stepped.handler.dropped == commands)
        #expect(!group.post("late", toLoop: 0))
    }

    @Test("what is posted to a loop between its last turn and its end is dropped")
    func uncollected() throws {
        let stepped = try SteppedLoop()
        let group = stepped.loop.group
        #expect(group.post("late", toLoop: 0))
        for message in group.mailboxes[0].close() { stepped.loop.abandon(message) }
        #expect(stepped.handler.dropped == ["late"])
        #expect(!group.post("later", toLoop: 0))
    }

    @Test("a command to a loop that cannot be woken up is not taken")
    func broken() throws {
        let stepped = try SteppedLoop()
        try stepped.loop.group.mailboxes[0].breakDown()
        #expect(!stepped.loop.group.post("lost", toLoop: 0))
        #expect(stepped.loop.group.mailboxes[0].close().isEmpty)
    }
}
