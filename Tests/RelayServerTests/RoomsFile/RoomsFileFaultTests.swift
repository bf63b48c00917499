import Foundation
import Glibc
import RelayCore
import Testing

@testable import RelayServer

/// Disks and directories that do not play along.
@Suite("The rooms file where it cannot be")
struct RoomsFileFaultTests {
    static let now = RoomsFileTests.now

    /// The line of a failed write.
    static func failure(_ file: RoomsFile, _ rooms: [RoomRecord] = RoomsFileTests.rooms(3)) -> String? {
        do throws(RoomsFileError) {
            _ = try file.write(rooms, now: now)
            return nil
        } catch {
            return "\(error)"
        }
    }

    static func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    static func read(_ file: RoomsFile) throws -> (rooms: KeptRooms, lines: [[String: LogField]]) {
        let pipe = LogPipe()
        let rooms = file.read(maxAge: 30, maxRooms: 0, now: now, logger: pipe.logger())
        return (rooms, try LogPipe.objects(in: pipe.closeAndRead()))
    }

    @Test("a missing directory is said in one line, at the start and at the end")
    func missingDirectory() throws {
        let directory = try TemporaryDirectory()
        let file = RoomsFile(path: directory.path + "/no/rooms")
        let reason = "No such file or directory"
        #expect(file.obstacle == reason)
        #expect(Self.failure(file) == "ROOMS_FILE \"\(file.path)\" cannot be written: \(reason)")
        let doubt = try #require(
            try Environment.configuration(["ROOMS_FILE": file.path]).doubts(on: Environment.machine).first)
        #expect(doubt == "ROOMS_FILE \"\(file.path)\" could not be written: \(reason)")
    }

    @Test("a directory, a link or a pipe of that name is left alone", arguments: ["directory", "link", "pipe"])
    func somethingElse(kind: String) throws {
        let directory = try TemporaryDirectory()
        let file = RoomsFile(path: directory.path + "/rooms")
        switch kind {
        case "directory": try FileManager.default.createDirectory(atPath: file.path, withIntermediateDirectories: false)
        case "link": #expect(unsafe symlink("/etc/passwd", file.path) == 0)
        default: #expect(unsafe mkfifo(file.path, 0o600) == 0)
        }
        #expect(file.obstacle == "it is no regular file")
        #expect(Self.failure(file) == "ROOMS_FILE \"\(file.path)\" cannot be written: it is no regular file")
        let (read, lines) = try Self.read(file)
        #expect(read == .unreadable && lines.count == 1 && lines.first?["reason"] == .text("it is no regular file"))
        #expect(directory.names == ["rooms"])
    }

    @Test("a sound directory is no obstacle, and what a killed process has left in it is none")
    func leftover() throws {
        let directory = try TemporaryDirectory()
        let file = RoomsFile(path: directory.path + "/rooms")
        try Data("half".utf8).write(to: URL(fileURLWithPath: file.partialPath))
        #expect(file.obstacle == nil && Self.failure(file) == nil)
        #expect(directory.names == ["rooms"])
    }

    @Test("a path without a directory is in the current one")
    func relative() {
        #expect(RoomsFile(path: "rooms").directory == ".")
        #expect(RoomsFile(path: "/rooms").directory == "/")
        #expect(RoomsFile(path: "a/b/rooms").directory == "a/b")
    }

    @Test("a full disk keeps the file that was there, and nothing else", .enabled(if: PrivateFileSystem.isPossible))
    func fullDisk() throws {
        let (line, names, read) = try PrivateFileSystem.run(bytes: 256 << 10) { path in
            let file = RoomsFile(path: path + "/rooms")
            _ = try file.write(RoomsFileTests.rooms(2), now: Self.now)
            let line = Self.failure(file, RoomsFileTests.rooms(3_000))
            return (line, try Self.names(path), try Self.read(file).rooms)
        }
        #expect(line?.hasSuffix("/rooms\" cannot be written: No space left on device") == true)
        #expect(line?.hasPrefix("ROOMS_FILE ") == true)
        #expect(names == ["rooms"] && read == .rooms(RoomsFileTests.rooms(2), age: 0))
    }

    @Test("a disk that may not be written is said at the start", .enabled(if: PrivateFileSystem.isPossible))
    func readOnlyDisk() throws {
        let (obstacle, line) = try PrivateFileSystem.run(bytes: 256 << 10, isReadOnly: true) { path in
            let file = RoomsFile(path: path + "/rooms")
            return (file.obstacle, Self.failure(file))
        }
        #expect(obstacle == "Read-only file system")
        #expect(line?.hasSuffix("cannot be written: Read-only file system") == true)
    }

    @Test("rooms that can be read but not removed are used, with a warning", .enabled(if: PrivateFileSystem.isPossible))
    func cannotBeRemoved() throws {
        let (first, lines, second) = try PrivateFileSystem.run(bytes: 256 << 10) { path in
            let file = RoomsFile(path: path + "/rooms")
            _ = try file.write(RoomsFileTests.rooms(2), now: Self.now)
            try PrivateFileSystem.makeReadOnly(path)
            let (first, lines) = try Self.read(file)
            return (first, lines, try Self.read(file).rooms)
        }
        #expect(first == .rooms(RoomsFileTests.rooms(2), age: 0) && second == first)
        #expect(lines.count == 1 && lines.first?["reason"] == .text("Read-only file system"))
    }
}
