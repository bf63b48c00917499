import NIOCore

/// A question as it came over the wire, and the answers that a test can make of it.
struct AskedQuestion: Sendable {
    let id: UInt16
    let name: String
    let type: UInt16
    /// The size of answers that EDNS asks for; nil without EDNS.
    let datagramSize: UInt16?
    let isStream: Bool
    /// The whole message.
    let bytes: [UInt8]

    /// Nil for what is no question of one name.
    init?(_ message: ByteBuffer, isStream: Bool) {
        var rest = message
        guard let head = rest.readMultipleIntegers(as: (UInt16, UInt16, UInt16, UInt16, UInt16, UInt16).self),
            head.1 & 0x8000 == 0, head.2 == 1
        else { return nil }
        var labels: [String] = []
        while let length: UInt8 = rest.readInteger(), length > 0 {
            guard let label = rest.readString(length: Int(length)) else { return nil }
            labels.append(label)
        }
        guard let type: UInt16 = rest.readInteger(), rest.readInteger(as: UInt16.self) == 1 else { return nil }
        id = head.0
        name = labels.joined(separator: ".")
        self.type = type
        // The OPT record: root, type 41, and the size in place of the class (RFC 6891).
        var size: UInt16?
        if head.5 == 1, let option = rest.readMultipleIntegers(as: (UInt8, UInt16, UInt16).self), option.1 == 41 {
            size = option.2
        }
        datagramSize = size
        self.isStream = isStream
        bytes = Array(buffer: message)
    }

    /// An answer to this question, unless told otherwise.
    func answer(
        _ records: [DNSRecord] = [], code: UInt16 = 0, isTruncated: Bool = false, id: UInt16? = nil,
        name: String? = nil, repeatsQuestion: Bool = true
    ) -> [UInt8] {
        var message = ByteBuffer()
        message.writeInteger(id ?? self.id)
        message.writeInteger(0x8180 | code | (isTruncated ? 0x0200 : 0))
        message.writeMultipleIntegers(UInt16(repeatsQuestion ? 1 : 0), UInt16(records.count), UInt16(0), UInt16(0))
        if repeatsQuestion {
            message.writeBytes(DNSRecord.encode(name ?? self.name))
            message.writeMultipleIntegers(type, UInt16(1))
        }
        for record in records {
            message.writeBytes(DNSRecord.encode(record.name ?? name ?? self.name))
            message.writeMultipleIntegers(record.type, UInt16(1), UInt32(60), UInt16(record.data.count))
            message.writeBytes(record.data)
        }
        return Array(buffer: message)
    }
}

/// A record of an answer.
struct DNSRecord: Sendable {
    /// Nil for the name that was asked.
    var name: String?
    let type: UInt16
    let data: [UInt8]

    static func text(_ strings: String...) -> DNSRecord {
        DNSRecord(type: 16, data: strings.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) })
    }

    static func ipv4(_ bytes: UInt8..., of name: String? = nil) -> DNSRecord {
        DNSRecord(name: name, type: 1, data: bytes)
    }

    /// The address fd00::n.
    static func ipv6(_ last: UInt8, of name: String? = nil) -> DNSRecord {
        DNSRecord(name: name, type: 28, data: [0xfd] + Array(repeating: 0, count: 14) + [last])
    }

    static func alias(for name: String) -> DNSRecord {
        DNSRecord(type: 5, data: encode(name))
    }

    static func encode(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }
}
