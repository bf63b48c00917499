/// The sender of a replay, as the proxy reports it to the machine that gets the request.
///
/// It is the value of a `fly-replay-src` header: `instance=…;region=…;t=…;state=…`. Only the region matters here: a
/// replay from our own region means that its sender has already asked the siblings.
package struct FlyReplaySource: Hashable, Sendable {
    /// Nil if the header names no region, or one that codes cannot carry.
    package let region: Region?

    package init(_ value: Span<UInt8>) {
        var region: Region?
        for index in value.indices {
            // A field starts the value or follows a separator; a proxy may have joined several values with commas.
            guard index == 0 || FlyReplaySource.isSeparator(value[index - 1]) else { continue }
            guard let name = FlyReplaySource.regionName(in: value.extracting(index...)) else { continue }
            region = Region(name: name)
        }
        self.region = region
    }

    private static func regionName(in field: Span<UInt8>) -> String? {
        let key = "region="
        let length = key.utf8.count
        guard field.count > length, zip(0..<length, key.utf8).allSatisfy({ field[$0] == $1 }) else { return nil }
        var name = ""
        for index in length..<field.count {
            guard ASCII.isAlphanumeric(field[index]) else { break }
            name.unicodeScalars.append(Unicode.Scalar(field[index]))
        }
        return name
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ")
    }
}
