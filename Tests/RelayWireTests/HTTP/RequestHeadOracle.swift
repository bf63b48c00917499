import NIOCore
import NIOEmbedded
import NIOHTTP1
import RelayWire

/// Holds the head parser to SwiftNIO's decoder: whatever ours accepts NIO reads the same, whatever NIO refuses ours refuses;
/// and where a body ends for ours it ends for NIO, so that both find the next request in the same place.
///
/// The fuzzer compiles this file too. `RequestHeadParser` lists where ours is stricter. It is laxer in one point, an unknown
/// method, so NIO is shown `POST` where ours read a method that it does not tell apart.
enum RequestHeadOracle {
    /// A head as both parsers read it, in bytes: `String` would equate texts that differ only in normalisation.
    struct Reading: Equatable {
        var method: [UInt8]
        var target: [UInt8]
        var minorVersion: Int
        var fields: [[UInt8]] = []
        var hasBody: Bool
        var isKeepAlive: Bool
    }

    /// In what the two differ over these bytes; nil if in nothing.
    static func disagreement(over bytes: [UInt8]) -> String? {
        var parser = RequestHeadParser()
        let head: RequestHead?
        do {
            head = try parser.parse(bytes.span)
        } catch {
            return nil
        }
        guard let head else {
            return nioReading(of: bytes).map { "NIO reads a head where ours waits for more: \($0)" }
        }
        let whole = Array(bytes.prefix(head.length))
        let comparable = head.method == .other ? withMethodReplaced(whole) : whole
        let ours = reading(of: head, in: whole)
        guard let nio = nioReading(of: comparable) else {
            return "NIO refuses what ours reads: \(ours)"
        }
        guard ours == nio else { return "ours reads \(ours), NIO reads \(nio)" }
        return bodyDisagreement(of: head, behind: comparable)
    }

    /// Longer bodies are not written out.
    private static let longestBody = 4_096

    /// In what the two differ over the body of this head, and over the request behind it.
    private static func bodyDisagreement(of head: RequestHead, behind comparable: [UInt8]) -> String? {
        guard let length = head.bodyLength, length <= longestBody else { return nil }
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        do {
            try channel.writeInbound(ByteBuffer(bytes: comparable + [UInt8](repeating: 0x78, count: length)))
        } catch {
            return "NIO refuses a body of \(length) bytes: \(error)"
        }
        var (bodyBytes, hasEnded) = (0, false)
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            if case .body(let buffer) = part { bodyBytes += buffer.readableBytes }
            if case .end = part { hasEnded = true }
        }
        guard bodyBytes == length, hasEnded else { return "a body of \(length) bytes has \(bodyBytes) for NIO" }
        // NIO may be of the opinion that the connection is to close, or that another protocol follows.
        _ = try? channel.writeInbound(ByteBuffer(string: "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"))
        guard case .head(let next)? = try? channel.readInbound(as: HTTPServerRequestPart.self) else { return nil }
        return next.uri == "/next" ? nil : "NIO reads \(next) behind the body"
    }

    private static func reading(of head: RequestHead, in bytes: [UInt8]) -> Reading {
        let span = bytes.span
        let method =
            switch head.method {
            case .get: "GET"
            case .head: "HEAD"
            case .options: "OPTIONS"
            case .put: "PUT"
            case .delete: "DELETE"
            case .other: "POST"
            }
        var reading = Reading(
            method: Array(method.utf8), target: Array(span.text(in: head.target).utf8), minorVersion: head.minorVersion,
            hasBody: head.hasBody, isKeepAlive: head.isKeepAlive)
        for field in head.fields {
            reading.fields.append(Array(span.text(in: field.name).utf8))
            reading.fields.append(Array(span.text(in: field.value).utf8))
        }
        return reading
    }

    /// NIO's reading of these bytes; nil if it refuses them or finds no complete head.
    private static func nioReading(of bytes: [UInt8]) -> Reading? {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        do {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
            guard case .head(let head)? = try channel.readInbound(as: HTTPServerRequestPart.self) else { return nil }
            var reading = Reading(
                method: Array(head.method.rawValue.utf8), target: Array(head.uri.utf8),
                minorVersion: head.version.minor, hasBody: true, isKeepAlive: false)
            if case .end? = try channel.readInbound(as: HTTPServerRequestPart.self) { reading.hasBody = false }
            // Ours says that the connection closes after a body, which nobody reads.
            reading.isKeepAlive = !reading.hasBody && keepsAlive(head)
            for (name, value) in head.headers {
                reading.fields.append(Array(name.utf8))
                reading.fields.append(trimmed(Array(value.utf8)))
            }
            return reading
        } catch {
            return nil
        }
    }

    /// By NIO's fields, not by its verdict: llhttp obeys `Proxy-Connection` too, and overlooks a token after a tab.
    private static func keepsAlive(_ head: HTTPRequestHead) -> Bool {
        let tokens = head.headers[canonicalForm: "connection"].map { trimmed(Array($0.lowercased().utf8)) }
        return !tokens.contains(Array("close".utf8))
            && (head.version.minor >= 1 || tokens.contains(Array("keep-alive".utf8)))
    }

    /// NIO leaves the white space at a value's end to its caller.
    private static func trimmed(_ value: [UInt8]) -> [UInt8] {
        var value = value
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        return value
    }

    private static func withMethodReplaced(_ bytes: [UInt8]) -> [UInt8] {
        let start = bytes.first == 0x0D ? 2 : 0
        guard let end = bytes[start...].firstIndex(of: 0x20) else { return bytes }
        return Array("POST".utf8) + bytes[end...]
    }
}
