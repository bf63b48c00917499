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
        let notice = DrainNotice(rooms: rooms, clients: clients, rescue: .none, seconds: seconds, delay: delay)
        #expect(notice?.description == "\(wait) Ctrl-C again stops at once.\n")
    }

    @Test(
        "where rooms outlive the process, that a second Ctrl-C loses them",
        arguments: [
            (DrainNotice.Rescue.file, 290, "Keeping 1 room with 2 clients. ", "is not kept yet"),
            (.handover, 290, "Handing over 1 room with 2 clients, 290 s at most. ", "no machine has taken"),
            (.handover, 0, "Handing over 1 room with 2 clients. ", "no machine has taken"),
        ])
    func rescued(rescue: DrainNotice.Rescue, seconds: Int, wait: String, lost: String) {
        for delay in [0, 5] {
            let notice = DrainNotice(rooms: 1, clients: 2, rescue: rescue, seconds: seconds, delay: delay)
            #expect(notice?.description == "\(wait)Ctrl-C again loses what \(lost).\n")
        }
    }

    @Test("nothing where nothing is waited for", arguments: [DrainNotice.Rescue.none, .handover, .file])
    func nothing(rescue: DrainNotice.Rescue) {
        #expect(DrainNotice(rooms: 0, clients: 0, rescue: rescue, seconds: 290, delay: 0)?.description == nil)
        let notice = DrainNotice(rooms: 0, clients: 0, rescue: rescue, seconds: 290, delay: 5)
        #expect(notice?.description.hasPrefix("Answering for 5 s more") == true)
    }
}
