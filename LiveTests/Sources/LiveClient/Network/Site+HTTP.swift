internal import NIOCore
internal import NIOHTTP1

extension Site {
    /// Sends one request and returns the answer. Each has a connection of its own, so that the load balancer chooses
    /// anew.
    ///
    /// Redirects are not followed. The target is sent as it is.
    package func get(_ target: String, headers: [(String, String)] = []) async throws -> Reply {
        let request = "GET \(url)\(target)"
        return try await within(patience, at: request, expecting: "an answer") {
            do {
                return try await exchange(target, headers: headers, request: request)
            } catch let error as Unexpected {
                throw error
            } catch {
                throw Unexpected(at: request, expected: "an answer", error: error)
            }
        }
    }

    private func exchange(_ target: String, headers: [(String, String)], request: String) async throws -> Reply {
        let connection = try await connect { channel in
            // Without NIO's check of requests: some tests send targets that no browser would.
            try channel.pipeline.syncOperations.addHTTPClientHandlers(enableOutboundHeaderValidation: false)
            return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                wrappingChannelSynchronously: channel)
        }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: self.headers(adding: headers))
        return try await connection.executeThenClose { inbound, outbound in
            // If that fails, the read gives the reason: an untrusted certificate, for example.
            try? await outbound.write(contentsOf: [.head(head), .end(nil)])
            return try await Reply(to: request, reading: inbound)
        }
    }
}

extension Reply {
    /// Reads one answer.
    init(to request: String, reading inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>) async throws {
        var reply: Reply?
        for try await part in inbound {
            switch part {
            case .head(let head): reply = Reply(to: request, head)
            case .body(let bytes): reply?.body += String(buffer: bytes)
            case .end:
                guard let reply else { break }
                self = reply
                return
            }
        }
        throw Unexpected(at: request, expected: "an answer", got: reply.map { "half of it: \($0)" } ?? "the end")
    }
}
