import Testing

/// A message that the relay refuses, the role of its sender, and the error in the answer.
struct WrongMessage: Sendable, CustomTestStringConvertible {
    enum Sender: Sendable {
        case stranger
        case host
        case guest
    }

    let sender: Sender
    let message: String
    let error: String

    init(_ sender: Sender, _ message: String, _ error: String) {
        self.sender = sender
        self.message = message
        self.error = error
    }

    var testDescription: String { "\(sender): \(message.prefix(90))" }
}

extension WrongMessage {
    static let notJSON = [
        "", " ", "nope", "{", #"{"type":"send""#, #"{"type":"send"} x"#, #"{"type":"send",}"#, #"{'type':'send'}"#,
        #"{"type":"send","data":01}"#, #"{"type":"send","data":"\x"}"#, "{\"type\":\"send\",\"data\":\"\n\"}",
        #"{"type":"send","data":NaN}"#, "[1,2", "\u{FEFF}{}",
    ].map { WrongMessage(.stranger, $0, "Invalid JSON") }

    static let unknown = [
        "{}", "[]", "null", "7", #""send""#, #"{"type":"Send"}"#, #"{"type":1}"#, #"{"type":null}"#,
        #"{"type":["send"]}"#, #"{"type":"send","type":"x"}"#, #"{"kind":"send"}"#, #"{"type":""}"#,
        #"[{"type":"send"}]"#,
    ].map { WrongMessage(.stranger, $0, "Unknown message type") }

    static let creates =
        ["", #","clientId":"""#, #","clientId":7"#, #","clientId":null"#, #","clientId":["x"]"#].map {
            WrongMessage(.stranger, #"{"type":"create","maxClients":0,"url":7\#($0)}"#, "clientId is required")
        }
        + [
            "", #","maxClients":"2""#, #","maxClients":0"#, #","maxClients":-1"#, #","maxClients":0.99"#,
            #","maxClients":null"#, #","maxClients":1e-400"#,
        ].map {
            WrongMessage(
                .stranger, #"{"type":"create","clientId":"c","url":7\#($0)}"#,
                "maxClients must be a positive number")
        } + [
            WrongMessage(.host, #"{"type":"create"}"#, "Already in a room"),
            WrongMessage(.guest, #"{"type":"create","clientId":"c","maxClients":2}"#, "Already in a room"),
            WrongMessage(.stranger, create(clientID: String(repeating: "x", count: 257)), "clientId is too long"),
            WrongMessage(.stranger, create(clientID: String(repeating: "é", count: 129)), "clientId is too long"),
        ]

    static func create(clientID: String) -> String {
        #"{"type":"create","clientId":"\#(clientID)","maxClients":2}"#
    }

    static let urls: [WrongMessage] = [
        ("7", "url must be a string"), (#"["https://x"]"#, "url must be a string"),
        (#""https://x.test/ \#(String(repeating: "x", count: 512))""#, "url too large"),
        (#""https://x.test/\#(String(repeating: "é", count: 250))""#, "url too large"),
        (#""https://x.test/ {nope}""#, "url must not contain spaces or control characters"),
        (#""https://x.test/\u0000""#, "url must not contain spaces or control characters"),
        (#""https://x.test/\u007f""#, "url must not contain spaces or control characters"),
        (#""{Room} }""#.replacing(" ", with: ""), "Unknown url placeholder: {Room}"),
        (#""https://x.test/{}""#, "Unknown url placeholder: {}"),
        (#""https://x.test/}{room""#, "url has an unmatched placeholder brace"),
        (#""http://x.test/{room}}""#, "url has an unmatched placeholder brace"),
        (#""x.test/{room}""#, "url is not a valid URL"), (#""""#, "url is not a valid URL"),
        (#""https://""#, "url is not a valid URL"), (#""//x.test/""#, "url is not a valid URL"),
        (#""http://x.test/{room}""#, "url must be an https URL"),
        (#""javascript:alert(1)""#, "url must be an https URL"),
    ].map { url, error in
        WrongMessage(.stranger, #"{"type":"create","clientId":"c","maxClients":2,"url":\#(url)}"#, error)
    }

    static let joins =
        [#""room":"zzz""#, #""clientId":"","room":7"#, #""clientId":7"#, #""clientId":null,"room":"""#].map {
            WrongMessage(.stranger, #"{"type":"join",\#($0)}"#, "clientId is required")
        }
        + ["", #","room":"""#, #","room":7"#, #","room":null"#, #","room":["111111"]"#].map {
            WrongMessage(.stranger, #"{"type":"join","clientId":"c"\#($0)}"#, "room is required")
        }
        + ["111111", "11111", "1111111", "0OIl00", "zzzzzz", "é", "../..", #"\u0000"#].map {
            WrongMessage(.stranger, #"{"type":"join","clientId":"c","room":"\#($0)"}"#, "Room not found")
        } + [
            WrongMessage(.host, #"{"type":"join"}"#, "Already in a room"),
            WrongMessage(.guest, #"{"type":"join","clientId":"c","room":"111111"}"#, "Already in a room"),
        ]

    static let members =
        ["-1", "0.5", "2", "1e400", "-1e0", #""0""#, "null", "true", "[0]", "99999999999999999999", "1e18"].map {
            WrongMessage(.host, #"{"type":"send","to":\#($0),"data":1}"#, "Target peer not found")
        }
        + [#"{"type":"send","to":"x"}"#, #"{"type":"set_state"}"#, #"{"type":"close_room"}"#].map {
            WrongMessage(.stranger, $0, "Not in a room")
        } + [
            WrongMessage(.guest, #"{"type":"set_state"}"#, "Only the host can set state"),
            WrongMessage(.guest, #"{"type":"close_room"}"#, "Only the host can close the room"),
            WrongMessage(.host, #"{"type":"set_state"}"#, "State data is required"),
            WrongMessage(.host, setState(bytes: 16_385), "State too large"),
        ]

    static func setState(bytes: Int) -> String {
        #"{"type":"set_state","data":"\#(String(repeating: "x", count: bytes - 2))"}"#
    }
}
