import Foundation
import Glibc
import RelayCore
import Testing

@testable import RelayServer

@Suite("Rooms kept in a file")
struct RoomsFileTests {
    static let now = 1_700_000_000

    let directory: TemporaryDirectory
    let file: RoomsFile

    init() throws {
        directory = try TemporaryDirectory()
        file = RoomsFile(path: directory.path + "/rooms")
    }

    /// Rooms of all sizes, each different.
    static func rooms(_ count: Int, owners: Int = 3) -> [RoomRecord] {
        (0..<count).map { number in
            RoomRecord(
                code: RoomCode(home: nil, random: UInt64(number)), maxClients: 8, url: "https://{instance}.example/",
                holdSeconds: 60, origin: "https://game.example", hash: SipHash(key0: UInt64(number), key1: 7),
                owners: (0..<owners).map { SipHash.Digest(first: UInt64($0), second: UInt64(number)) },
                held: [RoomRecord.HeldPlace(slot: .host, seconds: 30)],
                snapshot: Array("[\(String(repeating: "1,", count: number % 700))2]".utf8))
        }
    }

    func contents() throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: file.path)))
    }

    func replaceContents(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file.path))
    }

    /// What a start reads, and the lines that it logs.
    func read(
        maxAge: Int = 30, maxRooms: Int = 0, now: Int = now
    ) throws -> (rooms: KeptRooms, lines: [[String: LogField]]) {
        let pipe = LogPipe()
        let rooms = file.read(maxAge: maxAge, maxRooms: maxRooms, now: now, logger: pipe.logger())
        return (rooms, try LogPipe.objects(in: pipe.closeAndRead()))
    }

    @Test("the rooms that a relay writes are those that the next one reads, once", arguments: [0, 1, 2, 3_000])
    func roundTrip(count: Int) throws {
        let rooms = Self.rooms(count)
        #expect(try file.write(rooms, now: Self.now) == 0)
        #expect(directory.names == ["rooms"])
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let first = try read(now: Self.now + 12)
        #expect(first.rooms == .rooms(rooms, age: 12) && first.lines.isEmpty)
        let second = try read(now: Self.now + 12)
        #expect(second.rooms == .none && second.lines.isEmpty && directory.names.isEmpty)
    }

    @Test("without a file, or without its directory, there are no rooms, and nothing to say")
    func nothing() throws {
        for path in ["rooms", "no/rooms"] {
            let file = RoomsFile(path: directory.path + "/" + path)
            let pipe = LogPipe()
            #expect(file.read(maxAge: 30, maxRooms: 0, now: Self.now, logger: pipe.logger()) == .none)
            #expect(pipe.closeAndRead().isEmpty)
        }
    }

    @Test(
        "a file is good for as long as its rooms are kept, whichever of the clocks is ahead",
        arguments: [
            (0, 30, true), (30, 30, true), (31, 30, false), (-30, 30, true), (-31, 30, false), (0, 0, false),
            (Int.max - now, 30, false),
        ])
    func age(seconds: Int, maxAge: Int, isGood: Bool) throws {
        let rooms = Self.rooms(2)
        _ = try file.write(rooms, now: Self.now)
        let (read, lines) = try read(maxAge: maxAge, now: Self.now + seconds)
        #expect(read == (isGood ? .rooms(rooms, age: max(seconds, 0)) : .untimely))
        #expect(lines.count == (isGood ? 0 : 1) && directory.names.isEmpty)
    }

    @Test("a new file takes the place of an old one")
    func replaces() throws {
        _ = try file.write(Self.rooms(5), now: Self.now)
        _ = try file.write(Self.rooms(2), now: Self.now + 1)
        #expect(try read().rooms == .rooms(Self.rooms(2), age: 0))
    }

    @Test("no more rooms are read than the relay may have")
    func tooMany() throws {
        _ = try file.write(Self.rooms(10), now: Self.now)
        #expect(try read(maxRooms: 4).rooms == .rooms(Self.rooms(4), age: 0))
    }

    @Test("a room that nobody would read is left out, and the others are kept")
    func leavesOut() throws {
        let tooLarge = Self.rooms(1, owners: RoomRecord.maximumEncodedBytes / 16)
        let rooms = Self.rooms(3)
        #expect(try file.write(rooms + tooLarge, now: Self.now) == 1)
        #expect(try read().rooms == .rooms(rooms, age: 0))
    }

    // MARK: - What cannot be read

    /// Sets the file aside, with a line, once; the next start finds nothing.
    func expectSetAside(_ reason: String, _ bytes: [UInt8]) throws {
        try replaceContents(bytes)
        let (read, lines) = try read()
        #expect(read == .unreadable)
        #expect(lines.count == 1 && lines.first?["reason"] == .text(reason))
        #expect(directory.names == ["rooms.unreadable"])
        #expect(Array(try Data(contentsOf: URL(fileURLWithPath: file.setAsidePath))) == bytes)
        #expect(try self.read().rooms == .none)
    }

    @Test("a file that ends too early, wherever that is, is set aside")
    func truncated() throws {
        _ = try file.write(Self.rooms(1, owners: 1), now: Self.now)
        let whole = try contents()
        for count in whole.indices {
            let reason =
                count < RoomsFileFormat.emptyLength ? "it is incomplete" : "its checksum is wrong"
            try expectSetAside(reason, Array(whole.prefix(count)))
        }
    }

    @Test("a file with any byte changed is set aside")
    func corrupt() throws {
        _ = try file.write(Self.rooms(1, owners: 1), now: Self.now)
        let whole = try contents()
        let magic = RoomsFileFormat.magic.count
        for place in whole.indices {
            var bytes = whole
            bytes[place] ^= 0x10
            let reason =
                place < magic
                ? "it is no rooms file" : place == magic ? "its version 17 is not known" : "its checksum is wrong"
            try expectSetAside(reason, bytes)
        }
    }

    @Test("bytes after the end, and other files, are set aside")
    func foreign() throws {
        _ = try file.write(Self.rooms(1), now: Self.now)
        try expectSetAside("its checksum is wrong", try contents() + [0])
        try expectSetAside("it is no rooms file", Array("{\"rooms\":[]}".utf8))
        try expectSetAside("it is no rooms file", [UInt8](repeating: 0, count: 10_000))
    }

    @Test("a file whose checksum is right, and whose rooms are not, is set aside")
    func wrongInside() throws {
        func sealed(_ bytes: [UInt8]) -> [UInt8] { bytes + SHA256.digest(of: bytes.span) }
        var rooms = RoomsFileFormat.header(time: Self.now, count: 2)
        RoomsFileFormat.append(Self.rooms(1)[0], to: &rooms)
        try expectSetAside("its rooms do not fit its length", sealed(rooms))
        try expectSetAside("its rooms do not fit its length", sealed(rooms + [255, 255, 255, 255]))
        let claimed = RoomsFileFormat.header(time: Self.now, count: .max)
        try expectSetAside("its rooms do not fit its length", sealed(claimed))
        let another = RoomsFileFormat.header(time: Self.now, count: 1) + [1, 0, 0, 0, 9]
        try expectSetAside("a room is unreadable: version 9 of the record is not known", sealed(another))
        var late = RoomsFileFormat.header(time: Self.now, count: 0)
        late.replaceSubrange((late.count - 12)..<(late.count - 4), with: [UInt8](repeating: 255, count: 8))
        try expectSetAside("its time is impossible", sealed(late))
    }

    @Test("a file too large for any relay is set aside unread")
    func huge() throws {
        #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
        // A hole: it takes no place on the disk.
        #expect(unsafe truncate(file.path, RoomsFileFormat.maximumBytes + 1) == 0)
        let (read, lines) = try read()
        #expect(read == .unreadable && lines.first?["reason"] == .text("it is larger than 256 MiB"))
        #expect(directory.names == ["rooms.unreadable"])
    }

    @Test("what is set aside takes the place of what was before it")
    func setAsideTwice() throws {
        try expectSetAside("it is no rooms file", Array("one".utf8))
        try expectSetAside("it is no rooms file", Array("two".utf8))
    }
}
