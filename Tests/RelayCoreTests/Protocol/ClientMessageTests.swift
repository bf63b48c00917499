internal import RelayCore
internal import Testing

@Suite("Client messages")
struct ClientMessageTests {
    static let limits = MessageLimits(maxClientsPerRoom: 1000, maxClientIDBytes: 8)

    /// Hands a message and its bytes to `body`.
    private func with<Result>(
        _ text: String, _ body: (ClientMessage, [UInt8]) throws(RelayError) -> Result
    ) throws(RelayError) -> Result {
        let bytes = Array(text.utf8)
        return try body(ClientMessage.parse(bytes.span), bytes)
    }

    private func create(_ fields: String, limits: MessageLimits = limits) throws(RelayError) -> CreateRequest {
        try with(#"{"type":"create",\#(fields)}"#) { message, bytes throws(RelayError) in
            try message.details(in: bytes.span).createRequest(in: bytes.span, limits: limits)
        }
    }

    private func join(_ fields: String, limits: MessageLimits = limits) throws(RelayError) -> JoinRequest {
        try with(#"{"type":"join",\#(fields)}"#) { message, bytes throws(RelayError) in
            try message.details(in: bytes.span).joinRequest(in: bytes.span, limits: limits)
        }
    }

    private func kind(_ text: String) throws(RelayError) -> ClientMessage.Kind {
        try with(text) { message, _ in message.kind }
    }

    // MARK: Type

    @Test(
        "each type is recognised by its name, however it is escaped",
        arguments: [
            ("create", .create), ("join", .join), ("send", .send), ("set_state", .setState), ("close_room", .closeRoom),
            (#"\u0073end"#, .send), (#"\u0063\u0072\u0065\u0061\u0074\u0065"#, .create),
            (#"set\u005Fstate"#, .setState),
        ] as [(String, ClientMessage.Kind)])
    func types(name: String, expected: ClientMessage.Kind) throws {
        #expect(try kind(#" {"x":[1],"type":"\#(name)"} "#) == expected)
        #expect(try kind(#"{"\u0074yp\u0065":"\#(name)"}"#) == expected)
    }

    @Test("a send is read the same in any order of its fields, and however they are written")
    func orders() throws {
        let spellings = [
            [#""type":"send""#, #""type" : "send" "#, #""\u0074ype":"send""#, #""type":"\u0073end""#],
            [#""data":[1,"to"]"#, #""data": [1,"to"]"#, #""d\u0061ta":[1,"to"]"#],
            [#""to":7"#, #""to":  7 "#, #""t\u006f":7"#, #""to":70e-1"#],
        ]
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        for order in orders {
            for choice in 0..<4 * 3 * 4 {
                let fields = [spellings[0][choice % 4], spellings[1][choice / 4 % 3], spellings[2][choice / 12]]
                let text = "{" + order.map { fields[$0] }.joined(separator: ",") + "}"
                try with(text) { message, bytes throws(RelayError) in
                    #expect(message.kind == .send, "\(text)")
                    #expect(message.data.map { Array(bytes[$0.range]) } == Array(#"[1,"to"]"#.utf8), "\(text)")
                    #expect(try message.recipient(in: bytes.span) == .slot(Slot(7)), "\(text)")
                }
            }
        }
    }

    @Test(
        "what goes wrong behind a field that is known is refused all the same",
        arguments: [
            #"{"type":"send"#, #"{"type":"send""#, #"{"type":"send"x}"#, #"{"type":"send",}"#,
            #"{"type":"send",,"to":1}"#,
            #"{"type":"send" "to":1}"#, #"{"type":"send","data":}"#, #"{"type":"send","data":1"#,
            #"{"type":"send","to":}"#, #"{"type":"send","to":1 2}"#, #"{"type":"send"}}"#, #"{"type":"send"} x"#,
            #"{"type":"send","data":"}"#, #"{"type":"send","to":01}"#, #"{"type":send}"#, #"{"type":"send":1}"#,
        ])
    func malformed(_ text: String) {
        #expect(throws: RelayError.invalidJSON) { try kind(text) }
    }

    @Test(
        "anything but an object with a known type is an unknown message",
        arguments: [
            "1", "null", #""send""#, "[]", "{}", #"["type","send"]"#, #"[{"type":"send"}]"#, #"{"type":null}"#,
            #"{"type":["send"]}"#, #"{"type":"Send"}"#, #"{"type":"send "}"#, #"{"type":""}"#,
            #"{"type":"\u0000send"}"#,
            #"{"Type":"send"}"#, #"{"type ":"send"}"#, #"{"typ":"send"}"#, #"{"data":{"type":"send"}}"#,
            #"{"type":"send","type":"x"}"#, #"{"type":"send","\u0074ype":1}"#, #"{"type":"sendx"}"#,
            #"{"type":"\u0073en"}"#,
            #"{"type":send_}"#.replacing("send_", with: "true"),
        ])
    func unknownTypes(_ text: String) {
        #expect(throws: RelayError.unknownMessageType) { try kind(text) }
    }

    @Test(
        "invalid JSON is reported as such, whatever it begins with",
        arguments: [
            "", "{", #"{"type":"send""#, #"{"type":"send"}}"#, #"{"type":"send",}"#, #"{"type":"send" "data":1}"#,
            #"{"type":"nonsense","data":[}"#, #"{type:"send"}"#, #"{"type":"send"}x"#, "[1", #"{"type" "send"}"#,
        ])
    func invalid(_ text: String) {
        #expect(throws: RelayError.invalidJSON) { try kind(text) }
    }

    // MARK: Fields

    @Test("of duplicate fields the last counts, nested values do not, and the value stays as written")
    func fields() throws {
        let text = #"{"data":1,"n":{"data":2},"type":"send", "d\u0061ta" : { "a": 1.0 , "a":"\u0041" } ,"to":3}"#
        try with(text) { message, bytes throws(RelayError) in
            let data = message.data.map { String(decoding: bytes[$0.range], as: UTF8.self) }
            #expect(data == #"{ "a": 1.0 , "a":"\u0041" }"#)
            #expect(message.data?.kind == .object)
            #expect(message.to == JSONValue(kind: .number, range: (text.utf8.count - 2)..<(text.utf8.count - 1)))
            let details = message.details(in: bytes.span)
            #expect(details.room == nil && details.url == nil && details.clientID == nil && details.maxClients == nil)
        }
    }

    @Test(
        "similar keys are different keys",
        arguments: ["tо", "to\u{200D}", "To", "t", "too", "ｔｏ", #"to\u0000"#])
    func similarKeys(_ key: String) throws {
        let recipient = try with(#"{"type":"send","\#(key)":3}"#) { message, bytes throws(RelayError) in
            try message.recipient(in: bytes.span)
        }
        #expect(recipient == .others)
    }

    // MARK: create

    @Test("a complete create is accepted")
    func createRequest() throws {
        let request = try create(#""clientId":"host","maxClients":8,"url":"https://example.com/{room}""#)
        #expect(request.clientID == ClientID(Array("host".utf8)))
        #expect(request.maxClients == 8)
        let room = try #require(RoomCode("111112"))
        #expect(try request.url?.filled(room: room, instance: nil) == "https://example.com/111112")
        #expect(try create(#""clientId":"host","maxClients":8"#).url == nil)
        #expect(try create(#""clientId":"host","maxClients":8,"url":null"#).url == nil)
    }

    @Test("in a url, U+FFFD replaces a lone surrogate")
    func loneSurrogateInURL() throws {
        let room = try #require(RoomCode("111112"))
        let request = try create(#""clientId":"a","maxClients":1,"url":"https://a/\ud83d\ud83d\ude00""#)
        #expect(try request.url?.filled(room: room, instance: nil) == "https://a/\u{FFFD}😀")
    }

    @Test(
        "the first failed check of a create is answered",
        arguments: [
            (#""maxClients":0,"url":1"#, .clientIDRequired), (#""clientId":"","maxClients":1"#, .clientIDRequired),
            (#""clientId":null,"maxClients":1"#, .clientIDRequired), (#""clientId":7"#, .clientIDRequired),
            (#""clientId":"123456789","maxClients":0"#, .clientIDTooLong),
            (#""clientId":"éééé\u0041","maxClients":1"#, .clientIDTooLong),
            (#""clientId":"a","url":1"#, .maxClientsInvalid),
            (#""clientId":"a","maxClients":null"#, .maxClientsInvalid),
            (#""clientId":"a","maxClients":"4""#, .maxClientsInvalid),
            (#""clientId":"a","maxClients":true"#, .maxClientsInvalid),
            (#""clientId":"a","maxClients":4,"url":true"#, .urlNotAString),
            (#""clientId":"a","maxClients":4,"url":["https://a"]"#, .urlNotAString),
            (#""clientId":"a","maxClients":4,"url":"https://a/\u0020""#, .urlHasSpaces),
        ] as [(String, RelayError)])
    func createChecks(fields: String, error: RelayError) {
        #expect(throws: error) { try create(fields) }
    }

    @Test(
        "maxClients is any number from 1, rounded up and clamped to the limit",
        arguments: [
            ("1", 1), ("1.0", 1), ("1.5", 2), ("1.0000000000000000000000001", 2), ("7e0", 7), ("0.1e1", 1),
            ("10e-1", 1),
            ("11E-1", 2), ("999.0", 999), ("999.01", 1000), ("1000", 1000), ("1001", 1000), ("1e3", 1000),
            ("1e+400", 1000),
            ("9223372036854775807", 1000), ("9223372036854775808", 1000), ("123456789012345678901234567890", 1000),
            ("1e99999999999999999999999999", 1000), ("0.00001e6", 10), ("100000000000000000000e-20", 1),
        ])
    func maxClients(number: String, expected: Int) throws {
        #expect(try create(#""clientId":"a","maxClients":\#(number)"#).maxClients == expected)
    }

    @Test(
        "a maxClients below 1 is refused, however close to 1",
        arguments: [
            "0", "-0", "-1", "0.5", "0.99999999999999999999999", "-1e400", "0e400", "1e-1", "9e-1",
            "1e-999999999999999999999",
        ])
    func maxClientsBelowOne(number: String) {
        #expect(throws: RelayError.maxClientsInvalid) { try create(#""clientId":"a","maxClients":\#(number)"#) }
    }

    @Test("a limit of 0 is no limit")
    func noLimits() throws {
        let unlimited = MessageLimits(maxClientsPerRoom: 0, maxClientIDBytes: 0)
        let id = String(repeating: "x", count: 5000)
        let request = try create(#""clientId":"\#(id)","maxClients":1e400"#, limits: unlimited)
        #expect(request.maxClients == Int.max)
        #expect(request.clientID?.bytes.count == 5000)
        #expect(
            try create(#""clientId":"a","maxClients":9223372036854775806.5"#, limits: unlimited).maxClients == Int.max)
        #expect(
            try create(#""clientId":"a","maxClients":9223372036854775806"#, limits: unlimited).maxClients == Int.max - 1
        )
    }

    // MARK: clientId

    @Test(
        "a clientId is the decoded string, in bytes",
        arguments: [
            (#"\u0041\n\/"#, [0x41, 0x0A, 0x2F]), (#"\"\\\b\f\r\t"#, [0x22, 0x5C, 0x08, 0x0C, 0x0D, 0x09]),
            (#"\u00e9\u20AC"#, [0xC3, 0xA9, 0xE2, 0x82, 0xAC]), (#"\ud83d\uDE00"#, [0xF0, 0x9F, 0x98, 0x80]),
            ("😀", [0xF0, 0x9F, 0x98, 0x80]),
            (#"\u0000"#, [0]), (#"\ud83d"#, [0xED, 0xA0, 0xBD]), (#"\ude00"#, [0xED, 0xB8, 0x80]),
            (#"\ud83d\ud83d"#, [0xED, 0xA0, 0xBD, 0xED, 0xA0, 0xBD]), (#"\ud83d\u0041"#, [0xED, 0xA0, 0xBD, 0x41]),
            (#"\ud83d\n"#, [0xED, 0xA0, 0xBD, 0x0A]), (#"\ud83d\\"#, [0xED, 0xA0, 0xBD, 0x5C]),
            (#"\udbff\udfff"#, [0xF4, 0x8F, 0xBF, 0xBF]), (#"\uffff\ud7ff"#, [0xEF, 0xBF, 0xBF, 0xED, 0x9F, 0xBF]),
        ] as [(String, [UInt8])])
    func clientIDs(text: String, bytes: [UInt8]) throws {
        #expect(try join(#""clientId":"\#(text)","room":"111112""#).clientID == ClientID(bytes))
    }

    @Test("different strings are different clients, and equal strings the same client, however they are escaped")
    func distinctClientIDs() throws {
        let different = ["é", #"e\u0301"#, #"\ud83d"#, #"\ud83c"#, #"\ufffd"#, "😀", #"\ude00\ud83d"#, "a", #"a\u0000"#]
        let ids = try different.map { try join(#""clientId":"\#($0)","room":"1""#).clientID }
        #expect(Set(ids).count == different.count)
        #expect(try join(#""clientId":"\u0061","room":"1""#).clientID == join(#""clientId":"a","room":"1""#).clientID)
    }

    @Test("the length limit counts the decoded string")
    func clientIDLength() throws {
        let eight = String(repeating: #"\u0041"#, count: 8)
        #expect(try join(#""clientId":"\#(eight)","room":"1""#).clientID?.bytes.count == 8)
        #expect(throws: RelayError.clientIDTooLong) { try join(#""clientId":"\#(eight)A","room":"1""#) }
    }

    @Test("an id that the relay may have drawn comes back, however short others must be")
    func drawnClientID() throws {
        let drawn = String(decoding: ClientID(random: 1, .max).bytes, as: UTF8.self)
        #expect(try join(#""clientId":"\#(drawn)","room":"1""#).clientID?.bytes == Array(drawn.utf8))
        for other in [drawn.uppercased(), String(drawn.dropLast()) + "g", drawn + "0", String(drawn.dropLast())] {
            #expect(throws: RelayError.clientIDTooLong) { try join(#""clientId":"\#(other)","room":"1""#) }
        }
    }

    // MARK: join

    @Test(
        "the first failed check of a join is answered",
        arguments: [
            (#""room":"""#, .clientIDRequired), (#""clientId":"123456789""#, .clientIDTooLong),
            (#""clientId":"a""#, .roomRequired),
            (#""clientId":"a","room":"""#, .roomRequired), (#""clientId":"a","room":111112"#, .roomRequired),
            (#""clientId":"a","room":null"#, .roomRequired),
        ] as [(String, RelayError)])
    func joinChecks(fields: String, error: RelayError) {
        #expect(throws: error) { try join(fields) }
    }

    @Test("a room's code may be escaped in any way")
    func rooms() throws {
        #expect(try join(#""clientId":"a","room":"\u0031\u0031111\u0032""#).room == RoomCode("111112"))
        for text in [
            "11111", "1111122", "11111l", "zzzzzz", #"11111\ud83d"#, " 111112", String(repeating: "1", count: 9000),
        ] {
            #expect(try join(#""clientId":"a","room":"\#(text)""#).room == nil, "\(text)")
        }
    }

    // MARK: send

    private func recipient(_ to: String) throws(RelayError) -> Recipient {
        try with(#"{"type":"send","to":\#(to)}"#) { message, bytes throws(RelayError) in
            try message.recipient(in: bytes.span)
        }
    }

    @Test(
        "`to` is any number that equals a slot's index, in any spelling",
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0e7", 0), ("0e999999999999999999999", 0), ("1", 1), ("1.0", 1), ("1e0", 1),
            ("10e-1", 1),
            ("0.1E+1", 1), ("12.50e1", 125), ("1e3", 1000), ("9223372036854775807", Int.max), ("0.000e-5", 0),
            ("100000000000000000000000e-23", 1), ("0.00000000000000000000000000001e29", 1),
        ])
    func recipients(to: String, index: Int) throws {
        #expect(try recipient(to) == .slot(Slot(index)))
    }

    @Test(
        "any other `to` names no peer",
        arguments: [
            "-1", "0.5", "1.5", "1e-1", "15e-1", "-1e0", "1e19", "9223372036854775808", "1e400", "1e-400",
            "1e99999999999999999999",
            "null", "true", #""1""#, "[1]", "{}", "1.00000000000000000000000000001",
        ])
    func noRecipients(to: String) {
        #expect(throws: RelayError.targetNotFound) { try recipient(to) }
    }

    @Test("a message without `to` is for all others")
    func others() throws {
        let recipient = try with(#"{"type":"send"}"#) { message, bytes throws(RelayError) in
            try message.recipient(in: bytes.span)
        }
        #expect(recipient == .others)
    }

    // MARK: set_state

    private func state(_ fields: String) throws(RelayError) -> Int {
        try with(#"{"type":"set_state"\#(fields)}"#) { message, bytes throws(RelayError) in
            try message.stateData(in: bytes.span).count
        }
    }

    @Test("a snapshot is any value up to 16,384 bytes in compact form, and up to 65,536 as sent")
    func stateSize() throws {
        func string(_ size: Int) -> String { "\"" + String(repeating: "x", count: size - 2) + "\"" }
        #expect(try state(#", "data" :  \#(string(16_384))   "#) == 16_384)
        #expect(throws: RelayError.stateTooLarge) { try state(#","data":\#(string(16_385))"#) }
        #expect(throws: RelayError.stateTooLarge) { try state(#","data":"\#(String(repeating: "é", count: 8192))""#) }
        #expect(try state(#","data":null"#) == 4)
        #expect(throws: RelayError.stateDataRequired) { try state("") }
        let escaped = String(repeating: #"\/"#, count: 16_382)
        #expect(try state(#","data":"\#(escaped)""#) == 32_766)
        #expect(throws: RelayError.stateTooLarge) { try state(#","data":"\#(escaped)x""#) }
        let spaced = "[" + String(repeating: " ", count: 65_534) + "]"
        #expect(try state(#","data":\#(spaced)"#) == 65_536)
        #expect(throws: RelayError.stateTooLarge) { try state(#","data":\#(spaced.dropLast()) ]"#) }
    }
}
