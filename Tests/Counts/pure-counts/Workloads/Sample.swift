internal import RelayCore
internal import RelayWire

/// The input of the workloads.
enum Sample {
    /// A message that a game sends many times a second: `bytes` bytes in one string, to all others or to one slot.
    static func send(bytes: Int, to slot: Int? = nil) -> [UInt8] {
        let data = String(repeating: "x", count: bytes)
        let recipient = slot.map { #","to":\#($0)"# } ?? ""
        return Array(#"{"type":"send","data":"\#(data)"\#(recipient)}"#.utf8)
    }

    static let join = Array(
        #"{"type":"join","clientId":"3f1c9a52-5d0e-4f0b-9d8e-0c6a7b1e2d34","room":"\#(code)"}"#.utf8)

    /// A typical state of a game: objects in arrays, numbers, short strings. About 1 kB.
    static let state: [UInt8] = {
        let players = (0..<12).map { index in
            #"{"id":\#(index),"name":"Player \#(index)","x":\#(index * 37).25,"y":-1.5e2,"alive":true,"items":[1,2,3]}"#
        }
        return Array(#"{"type":"set_state","data":{"tick":12345,"players":[\#(players.joined(separator: ","))]}}"#.utf8)
    }()

    /// About 1 kB of text outside ASCII.
    static let chat = Array(String(repeating: "Привет, 世界! 🎲 ", count: 32).utf8)

    static let ascii = [UInt8](repeating: UInt8(ascii: "x"), count: 1_024)

    /// Frames as a client sends them, one behind the other.
    static func clientFrames(_ payload: [UInt8], count: Int = 1) -> [UInt8] {
        var frames: [UInt8] = []
        for index in 0..<count {
            FrameWriter.append(
                .text, payload: payload.span, maskingKey: 0x9E37_79B9 &* UInt32(truncatingIfNeeded: index + 1),
                to: &frames)
        }
        return frames
    }

    /// A browser's request to open a WebSocket, as it arrives behind a proxy.
    static let upgrade = Array(
        """
        GET /\(code) HTTP/1.1\r
        Host: party-sockets.example\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r
        Accept: */*\r
        Accept-Language: en-US,en;q=0.5\r
        Accept-Encoding: gzip, deflate, br, zstd\r
        Sec-WebSocket-Version: 13\r
        Origin: https://game.example\r
        Sec-WebSocket-Extensions: permessage-deflate\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Connection: keep-alive, Upgrade\r
        Pragma: no-cache\r
        Cache-Control: no-cache\r
        Upgrade: websocket\r
        X-Forwarded-For: 198.51.100.7\r
        X-Forwarded-Proto: https\r
        \r\n
        """.utf8)

    /// A room whose home is `here`.
    static let code = RoomCode(home: here, random: 1)
    static let here = Region(index: 6)
    static let abroad = Region(index: 16)

    static func clientID(_ index: Int) -> ClientID {
        ClientID(Array("client-\(index)-0c6a7b1e2d34-5d0e-4f0b".utf8))
    }

    static let hash = SipHash(key0: 1, key1: 2)

    /// A room with its host in slot 0 and the others behind; a member is its own slot's index.
    static func room(members: Int) -> Room<Int> {
        var room = Room(code: code, maxClients: 256, url: nil, host: clientID(0), member: 0, hash: hash)
        for index in 1..<members {
            do throws(JoinRefusal) {
                _ = try room.join(clientID(index), as: index, mayGrow: true, now: 0)
            } catch {
                refused(error)
            }
        }
        return room
    }
}
