import NIOCore
import NIOPosix
import Testing

@testable import AresDNS

/// dnsmasq answers what Fly's name server answers in a cluster, and forks a process for each TCP connection.
@Suite("The resolver against dnsmasq", .serialized)
struct DnsmasqTests {
    static let machines = (0..<200).map { "\(String(0x1000_0000_0000 + $0, radix: 16))00 ams" }

    /// One TXT record of 200 machines in character strings of 250 bytes, each machine with its addresses, and others.
    /// On a command line a comma ends a string, so the machines stand between semicolons.
    static var clusterRecords: [String] {
        let list = machines.joined(separator: ";")
        var strings: [Substring] = []
        var rest = list[...]
        while !rest.isEmpty {
            strings.append(rest.prefix(250))
            rest = rest.dropFirst(250)
        }
        return ["--txt-record=vms.app.internal,\(strings.joined(separator: ","))"]
            + machines.indices.map { "--host-record=m\($0).vm.app.internal,fd00::\(String($0, radix: 16))" }
            + ["--host-record=old.vm.app.internal,127.0.0.9", "--host-record=both.vm.app.internal,127.0.0.9,fd00::9"]
            + ["--host-record=many.vm.app.internal,127.0.0.7", "--host-record=many.vm.app.internal,127.0.0.8"]
            // For the other family dnsmasq says that there is no such name.
            + ["--address=/half.vm.app.internal/127.0.9.1"]
            + listed.map { "--txt-record=vms.large.internal,\($0)" }
            + texts("t", strings: 1) + texts("long", strings: 4) + texts("huge", strings: 8)
    }

    /// 300 machines of an app, 25 in each TXT record.
    static var listed: [String] {
        stride(from: 0, to: 300, by: 25).map { start in
            (start..<start + 25).map { "m\($0) ams" }.joined(separator: ";")
        }
    }

    /// 200 names with one TXT record each: so many strings of 250 bytes, and the number of the name.
    static func texts(_ prefix: String, strings: Int) -> [String] {
        let filler = Array(repeating: String(repeating: "x", count: 250), count: strings - 1)
        return (0..<200).map {
            (["--txt-record=\(prefix)\($0).internal"] + filler + ["#\($0)"]).joined(separator: ",")
        }
    }

    @Test("a TXT record of 200 machines in many character strings comes through")
    func longText() async throws {
        let server = try await DnsmasqServer(records: Self.clusterRecords)
        try await AresResolver.using(server.address) { resolver in
            let records = try await resolver.text("vms.app.internal")
            #expect(records == [Self.machines.joined(separator: ";")])
        }
    }

    @Test("300 machines in several TXT records come through")
    func manyRecords() async throws {
        let server = try await DnsmasqServer(records: Self.clusterRecords)
        try await AresResolver.using(server.address) { resolver in
            let records = try await resolver.text("vms.large.internal")
            #expect(records.sorted() == Self.listed.sorted())
            #expect(Set(records.flatMap { $0.split(separator: ";") }).count == 300)
        }
    }

    @Test("machines have the addresses of both families, or those that there are")
    func addresses() async throws {
        let server = try await DnsmasqServer(records: Self.clusterRecords)
        try await AresResolver.using(server.address) { resolver in
            let deadline = NIODeadline.now() + .seconds(60)
            let new = try await resolver.addresses(of: "m123.vm.app.internal", port: 3_000, deadline: deadline)
            #expect(new == [try SocketAddress(ipAddress: "fd00::7b", port: 3_000)])
            let old = try await resolver.addresses(of: "old.vm.app.internal", port: 0, deadline: deadline)
            #expect(old == [try SocketAddress(ipAddress: "127.0.0.9", port: 0)])
            let half = try await resolver.addresses(of: "half.vm.app.internal", port: 0, deadline: deadline)
            #expect(half == [try SocketAddress(ipAddress: "127.0.9.1", port: 0)])
            let both = try await resolver.addresses(of: "both.vm.app.internal", port: 0, deadline: deadline)
            #expect(both.map(\.ipAddress) == ["fd00::9", "127.0.0.9"])
            let many = try await resolver.addresses(of: "many.vm.app.internal", port: 0, deadline: deadline)
            #expect(Set(many.map(\.ipAddress)) == ["127.0.0.7", "127.0.0.8"])
            await #expect(resolver.failure("m0.vm.app.internal") == .noData)
            await #expect(resolver.failure("m200.vm.app.internal") == .noSuchName)
        }
    }

    /// Short answers, answers that fill their share of the socket's receive buffer, and answers that need TCP; the last
    /// need another try too, since dnsmasq ends a connection after 100 questions.
    static let loads = [("t", 1), ("long", 1), ("huge", 3)]

    @Test("200 different names at once are all answered, without a datagram lost", arguments: loads)
    func manyAtOnce(prefix: String, tries: Int) async throws {
        let server = try await DnsmasqServer(records: Self.clusterRecords)
        try await AresResolver.using(server.address, timeout: .seconds(30), tries: tries) { resolver in
            try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<200 {
                    group.addTask { try await resolver.text("\(prefix)\(number).internal").first }
                }
                var endings: Set<String> = []
                for try await text in group { endings.insert(String((text ?? "").drop { $0 != "#" })) }
                #expect(endings == Set((0..<200).map { "#\($0)" }))
            }
        }
    }

    @Test("TCP connections can be opened one after another")
    func manyConnections() async throws {
        let server = try await DnsmasqServer(records: Self.clusterRecords)
        try await AresResolver.using(server.address, timeout: .seconds(30)) { resolver in
            for number in 0..<50 {
                let records = try await resolver.text("huge\(number).internal")
                #expect(records.first?.hasSuffix("#\(number)") == true)
            }
        }
    }
}
