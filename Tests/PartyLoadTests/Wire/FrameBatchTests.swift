import RelayWire
import Testing

@testable import party_load

@Suite("The items of a scan")
struct FrameBatchTests {
    /// Frames of a server: a message from each slot, a ping for -1, a close for -2.
    private static func bytes(_ frames: [Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        for frame in frames {
            switch frame {
            case -1: FrameWriter.append(.ping, payload: [UInt8]().span, to: &bytes)
            case -2: FrameWriter.appendClose(.normal, to: &bytes)
            default:
                let text = Array(#"{"type":"message","from":\#(frame),"data":1}"#.utf8)
                FrameWriter.append(.text, payload: text.span, to: &bytes)
            }
        }
        return bytes
    }

    /// Scans the bytes, and stops after `most` items.
    private static func items(_ bytes: [UInt8], most: Int = .max) throws -> (items: [String], end: Int) {
        var scanner = FrameScanner()
        var items: [String] = []
        let end = try scanner.scan(bytes.span, from: 0) { item in
            switch item {
            case .messages(let count, let slot): items.append("\(count) from \(slot)")
            case .event(.ping): items.append("ping")
            case .event(.close): items.append("close")
            case .event: items.append("other")
            }
            return items.count < most
        }
        return (items, end)
    }

    @Test(
        "consecutive messages from one sender are one item",
        arguments: [
            ([], []), ([0], ["1 from 0"]), ([0, 0, 0], ["3 from 0"]),
            ([2, 2, 1, 2], ["2 from 2", "1 from 1", "1 from 2"]),
            ([3, -1, 3], ["ping", "2 from 3"]), ([-2, 1], ["close", "1 from 1"]),
        ] as [([Int], [String])])
    func batches(frames: [Int], items: [String]) throws {
        let bytes = Self.bytes(frames)
        let found = try Self.items(bytes)
        #expect(found.items == items)
        #expect(found.end == bytes.count)
    }

    @Test("the scan stops after the item that ends the connection")
    func end() throws {
        let found = try Self.items(Self.bytes([-2]) + [0xFF, 0xFF], most: 1)
        #expect(found.items == ["close"])
        #expect(throws: WebSocketViolation.self) { try Self.items(Self.bytes([-2]) + [0xFF, 0xFF]) }
    }

    @Test("an incomplete frame is not consumed")
    func partial() throws {
        let whole = Self.bytes([1, 1])
        let found = try Self.items(whole + Self.bytes([1]).dropLast())
        #expect(found.items == ["2 from 1"])
        #expect(found.end == whole.count)
    }
}
