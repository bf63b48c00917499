package import RelayLimits

extension ClientAddress {
    /// Reads an address in the forms that `inet_pton` takes: dotted IPv4 without leading zeros, or IPv6 (RFC 4291,
    /// section 2.2). No zone, no port, no brackets, no white space.
    package init?(_ text: Span<UInt8>) {
        for index in text.indices where text[index] == UInt8(ascii: ":") {
            self.init(ipv6Text: text)
            return
        }
        guard let number = ClientAddress.ipv4(in: text, from: 0) else { return nil }
        self.init(ipv4: number)
    }

    package init?(_ text: String) {
        self.init(text.utf8.span)
    }

    /// The IPv4 address that fills the text from an index to its end.
    private static func ipv4(in text: Span<UInt8>, from start: Int) -> UInt32? {
        var number: UInt32 = 0
        var index = start
        for octetsLeft in (0..<4).reversed() {
            let first = index
            var octet: UInt32 = 0
            while index < text.count, index - first < 3, ASCII.isDigit(text[index]) {
                octet = octet * 10 + UInt32(text[index] - UInt8(ascii: "0"))
                index += 1
            }
            let hasLeadingZero = index - first > 1 && text[first] == UInt8(ascii: "0")
            guard index > first, octet <= 255, !hasLeadingZero else { return nil }
            number = number << 8 | octet
            if octetsLeft > 0 {
                guard index < text.count, text[index] == UInt8(ascii: ".") else { return nil }
                index += 1
            }
        }
        return index == text.count ? number : nil
    }

    private init?(ipv6Text text: Span<UInt8>) {
        var groups = IPv6Groups()
        var index = 0
        if text.hasColons(2, at: 0) {
            groups.markGap()
            index = 2
        }
        while index < text.count {
            let first = index
            var group: UInt16 = 0
            while index < text.count, index - first < 4, let digit = ASCII.hexValue(of: text[index]) {
                group = group << 4 | UInt16(digit)
                index += 1
            }
            if index < text.count, text[index] == UInt8(ascii: ".") {
                guard let number = ClientAddress.ipv4(in: text, from: first) else { return nil }
                groups.append(UInt16(truncatingIfNeeded: number >> 16))
                groups.append(UInt16(truncatingIfNeeded: number))
                break
            }
            guard index > first else { return nil }
            groups.append(group)
            if index == text.count { break }
            if text.hasColons(2, at: index) {
                groups.markGap()
                index += 2
            } else {
                // A single colon stands between two groups, so something must follow.
                guard text.hasColons(1, at: index), index + 1 < text.count else { return nil }
                index += 1
            }
        }
        guard let (high, low) = groups.address else { return nil }
        self.init(high: high, low: low)
    }
}

/// The groups of an IPv6 address in the order read, and the position of `::` among them.
private struct IPv6Groups {
    private var values = InlineArray<8, UInt16>(repeating: 0)
    private var count = 0
    private var gap: Int?
    private var isMalformed = false

    mutating func append(_ group: UInt16) {
        guard count < 8 else {
            isMalformed = true
            return
        }
        values[count] = group
        count += 1
    }

    mutating func markGap() {
        if gap != nil { isMalformed = true }
        gap = count
    }

    /// The 16 bytes, with as many zero groups in the gap as are missing: at least one.
    var address: (high: UInt64, low: UInt64)? {
        guard !isMalformed, gap == nil ? count == 8 : count < 8 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for place in 0..<8 {
            let afterGap = place - (8 - count)
            let group: UInt16 =
                if let gap, place >= gap { afterGap >= gap ? values[afterGap] : 0 } else { values[place] }
            halves.high = halves.high << 16 | halves.low >> 48
            halves.low = halves.low << 16 | UInt64(group)
        }
        return halves
    }
}

extension Span<UInt8> {
    fileprivate func hasColons(_ number: Int, at index: Int) -> Bool {
        guard index + number <= count else { return false }
        for position in index..<(index + number) where self[position] != UInt8(ascii: ":") { return false }
        return true
    }
}
