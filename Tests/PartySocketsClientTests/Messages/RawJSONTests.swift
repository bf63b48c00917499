import Foundation
import Testing

@testable import PartySocketsClient

@Suite("JSON")
struct RawJSONTests {
    @Test(
        "a member's value is cut out of an object as it stands there",
        arguments: [
            (#"{"data":1}"#, "1"), (#"{"a":2,"data": [1, {"data":3}] , "b":4}"#, #"[1, {"data":3}]"#),
            (#"{"data":"}\",\"data\":7"}"#, #""}\",\"data\":7""#), (#"{"a":"data","b":{"data":1}}"#, nil),
            (#"{"data":1,"data":2}"#, "2"), (#"{"a":[{"x":"]"}],"data":{"y":"\\"}}"#, #"{"y":"\\"}"#),
            (#"{ "data" : null }"#, "null"), ("{}", nil), (#"{"a":"data"}"#, nil), (#"["data",1]"#, nil),
        ] as [(String, String?)])
    func member(text: String, value: String?) {
        #expect(JSONMember.value(of: "data", in: Array(text.utf8))?.description == value)
    }

    @Test("no text, however broken, stops the reader", arguments: 0..<200)
    func fuzz(seed: Int) {
        let whole = Array(#"{"type":"message","from":1,"data":{"a":["\\\"}",{}],"b":"\u00e9"},"x":[1]}"#.utf8)
        var text = whole
        var state = UInt64(seed) &* 6_364_136_223_846_793_005 &+ 1
        for _ in 0..<(seed % 5 + 1) {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text[Int(state >> 33) % text.count] = Array("{}[]\",:\\ 0"[...].utf8)[Int(state >> 20) % 10]
        }
        text.removeLast(seed % 7)
        _ = JSONMember.value(of: "data", in: text)
        _ = RawJSON(bytes: text).compactLength
        if case .message(_, let data?) = ServerMessage(text) {
            // What is valid has a valid value.
            #expect((try? JSONSerialization.jsonObject(with: Data(data.bytes), options: .fragmentsAllowed)) != nil)
        }
    }

    @Test(
        "the length of a state is that of its compact form",
        arguments: [
            ("1", 1), ("[ 1 , 2 ]", 5), (#"{ "a b" : "c d" }"#, 13), (#""\u00e9""#, 4), (#""\n\t""#, 6), (#""\/""#, 3),
            (#""\u0041""#, 3), (#""\ud83d\ude00""#, 6), (#""\"\\""#, 6), (#""\u0001""#, 8),
        ])
    func compact(text: String, length: Int) {
        #expect(RawJSON(text: text).compactLength == length)
    }

    @Test("values of a game's own types go in and come out")
    func codable() throws {
        let value = ["a/b": [1.5, 2]]
        let json = try RawJSON(encoding: value)
        #expect(json.description == #"{"a/b":[1.5,2]}"#)
        #expect(try json.decode([String: [Double]].self) == value)
        #expect(throws: PartyError.self) { try json.decode(Int.self) }
        #expect(throws: PartyError.self) { try RawJSON(encoding: Double.nan) }
    }

    @Test(
        "the URL of a relay names a scheme and a host, and perhaps a path",
        arguments: [
            ("wss://relay.example", "relay.example", 443, "/X", true),
            ("http://[::1]:3000/", "[::1]:3000", 3_000, "/X", false),
            ("HTTPS://Relay.example:8443/a/b/", "Relay.example:8443", 8_443, "/a/b/X", true),
            ("ws://1.2.3.4:80", "1.2.3.4", 80, "/X", false),
        ])
    func url(text: String, authority: String, port: Int, path: String, isSecure: Bool) throws {
        let target = try RelayURL(text).target(code: "X", instance: nil)
        #expect(target.authority.lowercased() == authority.lowercased())
        #expect(target.port == port)
        #expect(target.path == path)
        #expect(target.isSecure == isSecure)
    }

    @Test(
        "anything else is refused",
        arguments: ["", "relay", "ftp://relay", "ws:relay", "ws://", "//relay", "ws://me@relay"])
    func noURL(text: String) {
        #expect(throws: PartyError.self) { try RelayURL(text) }
    }
}
