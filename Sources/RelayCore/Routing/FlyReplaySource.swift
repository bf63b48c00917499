/// The sender of a replay, as the proxy reports it to the machine that gets the request.
///
/// It is the value of a `fly-replay-src` header: `instance=…;region=…;t=…;state=…`. A replay from our own region means that
/// its sender has already asked the siblings; and one with our mark, that its sender had handed the room over.
package struct FlyReplaySource: Hashable, Sendable {
    /// Nil if the header names no region, or one that codes cannot carry.
    package let region: Region?
    /// True if the sender had handed the room over, and sent the request on.
    package let isFromFormerHome: Bool

    package init(_ value: Span<UInt8>) {
        var region: Region?
        var isFromFormerHome = false
        for index in value.indices {
            // A field starts the value or follows a separator; a proxy may have joined several values with commas.
            guard index == 0 || FlyReplaySource.isSeparator(value[index - 1]) else { continue }
            let field = value.extracting(index...)
            if let name = FlyReplaySource.word(after: "region=", in: field) { region = Region(name: name) }
            if let state = FlyReplaySource.word(after: "state=", in: field) {
                isFromFormerHome = state == FlyReplay.newHomeState
            }
        }
        self.region = region
        self.isFromFormerHome = isFromFormerHome
    }

    /// The letters, digits and hyphens that follow the key at the start of a field; nil if it has another key.
    private static func word(after key: String, in field: Span<UInt8>) -> String? {
        let length = key.utf8.count
        guard field.count > length, zip(0..<length, key.utf8).allSatisfy({ field[$0] == $1 }) else { return nil }
        var word = ""
        for index in length..<field.count {
            guard ASCII.isAlphanumeric(field[index]) || field[index] == UInt8(ascii: "-") else { break }
            word.unicodeScalars.append(Unicode.Scalar(field[index]))
        }
        return word
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ")
    }
}
