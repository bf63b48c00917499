internal import Foundation

/// The sockets of this machine that listen at a port, by which the server's process is told from others of its name.
struct ListeningSockets: Sendable {
    /// The inodes of the sockets.
    let inodes: Set<String>

    init(port: Int) {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].compactMap(ProcessFile.text)
        inodes = tables.reduce(into: []) { $0.formUnion(ListeningSockets.inodes(in: $1, port: port)) }
    }

    /// The process of this machine that listens at a port; nil if there is none, or if it may not be looked at.
    static func holder(of port: Int) -> Int32? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return holder(of: port, among: names.compactMap { Int32($0) }.sorted())
    }

    /// The process that listens at a port; nil if none of these does, or may be looked at.
    static func holder(of port: Int, among processes: [Int32]) -> Int32? {
        let sockets = ListeningSockets(port: port)
        return sockets.inodes.isEmpty ? nil : sockets.holder(among: processes)
    }

    /// The first process that holds one of the sockets; nil if none does, or may be looked at.
    func holder(among processes: [Int32]) -> Int32? {
        processes.first { process in
            let folder = "/proc/\(process)/fd"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.contains { name in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
                return target.map { inodes.contains($0) } ?? false
            }
        }
    }

    /// The inodes of the sockets that listen at a port, as links to them are written, in a table of `/proc/net`.
    static func inodes(in table: String, port: Int) -> Set<String> {
        let listening = "0A"
        let lines = table.split(separator: "\n").dropFirst()
        return Set(
            lines.compactMap { line in
                let fields = line.split(separator: " ")
                guard fields.count > 9, fields[3] == listening else { return nil }
                let local = fields[1].split(separator: ":").last ?? ""
                return Int(local, radix: 16) == port ? "socket:[\(fields[9])]" : nil
            })
    }
}
