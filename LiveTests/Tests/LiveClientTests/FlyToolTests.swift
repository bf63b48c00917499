import Foundation
import LiveClient
import Testing

// One at a time: a process started by another test would inherit the open file of a tool being written, which then
// could not be run.
@Suite("The platform's tool", .serialized)
struct FlyToolTests {
    @Test("is asked for the app's machines, under either of its names", arguments: ["fly", "flyctl"])
    func machines(name: String) async throws {
        let script = #"""
            [ "$*" = "machines list --json --app party" ] || exit 3
            echo '[{"id":"a","state":"started","region":"ams"},{"id":"b","state":"stopped","region":"ams"}]'
            """#
        try await withTool(named: name, script) { path in
            let tool = try #require(FlyTool(searchPath: "/nonexistent:\(path)"))
            #expect(try await tool.startedMachines(ofApp: "party").map(\.description) == ["a in ams"])
        }
    }

    @Test("is not there if no folder of the search path has it")
    func absent() {
        #expect(FlyTool(searchPath: "/nonexistent") == nil)
        #expect(FlyTool(searchPath: "") == nil)
    }

    @Test(
        "that fails, prints something else or does not end is an error, reported in one line",
        arguments: [
            ("echo 'Error: no access token' >&2; echo more >&2; exit 1", 30, "Error: no access token"),
            ("echo 'Update available!'", 30, "no list"),
            ("kill -9 $$", 30, "was ended"),
            ("exec sleep 600", 1, "was ended"),
        ])
    func failing(script: String, seconds: Int, reason: String) async throws {
        try await withTool(named: "fly", script) { path in
            let tool = try #require(FlyTool(searchPath: path))
            let error = await #expect(throws: SettingsError.self) {
                try await tool.startedMachines(ofApp: "party", within: .seconds(seconds))
            }
            let line = try #require(error).description
            #expect(line.contains(reason))
            #expect(!line.contains("\n"))
        }
    }

    /// Puts a tool into a folder of its own for as long as the body takes.
    private func withTool(named name: String, _ script: String, _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fly-tool-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tool = folder.appending(path: name)
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: tool)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool.path())
        try await body(folder.path())
    }
}
