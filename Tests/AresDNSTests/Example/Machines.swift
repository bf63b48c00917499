import AresDNS
import NIOCore
import NIOPosix

/// The machines that a private DNS lists under a name, one in each TXT record; none if it has no such name.
func machines(listedAs name: String, by server: SocketAddress) async throws -> [String] {
    var configuration = AresResolver.Configuration()
    configuration.servers = [server]
    let resolver = try AresResolver(on: MultiThreadedEventLoopGroup.singleton.next(), configuration: configuration)
    let answer: Result<[String], any Error>
    do {
        let records = try await resolver.txt(name, deadline: .now() + .seconds(3))
        answer = .success(records.map { String(decoding: $0, as: UTF8.self) })
    } catch let error as AresError where error.code == .noSuchName {
        answer = .success([])
    } catch {
        answer = .failure(error)
    }
    await resolver.shutdown()
    return try answer.get()
}
