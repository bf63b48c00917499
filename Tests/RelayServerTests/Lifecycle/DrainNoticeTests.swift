import Testing

@testable import RelayServer

@Suite("What a terminal is told at Ctrl-C")
struct DrainNoticeTests {
    @Test(
        "what is waited for, how long, and how not to wait",
        arguments: [
            (1, 1, 290, 0, "Waiting for 1 room with 1 client, 290 s at most."),
            (2, 9, 10, 5, "Waiting for 2 rooms with 9 clients, 10 s at most."),
            (3, 0, 0, 0, "Waiting for 3 rooms with 0 clients."),
            (0, 0, 290, 5, "Answering for 5 s more (DRAIN_DELAY_SECONDS)."),
        ])
    func told(rooms: Int, clients: Int, seconds: Int, delay: Int, wait: String) {
        let notice = DrainNotice(rooms: rooms, clients: clients, seconds: seconds, delay: delay)
        #expect(notice?.description == "\(wait) Ctrl-C again stops at once.\n")
    }

    @Test("nothing where nothing is waited for")
    func nothing() {
        #expect(DrainNotice(rooms: 0, clients: 0, seconds: 290, delay: 0)?.description == nil)
    }
}
