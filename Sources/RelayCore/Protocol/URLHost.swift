/// The host of a URL, by the rules of the WHATWG URL Standard (sections 3.1 to 3.5) without IDNA.
enum URLHost {
    /// The host of a special scheme: a domain, an IPv4 address in any of its spellings, or a bracketed IPv6 address.
    static func isDomainOrAddress(_ host: ArraySlice<UInt8>) -> Bool {
        if host.first == UInt8(ascii: "[") { return isBracketedAddress(host) }
        let decoded = percentDecoded(host)
        // U+FFFD stands for a lone surrogate; neither it nor a percent escape of invalid UTF-8 can be part of a domain.
        guard let domain = String(validating: decoded, as: UTF8.self), !domain.isEmpty, !domain.contains("\u{FFFD}")
        else { return false }
        guard !decoded.contains(where: { isForbidden($0) || $0 < 0x20 || $0 == UInt8(ascii: "%") || $0 == 0x7F })
        else { return false }
        return !endsInNumber(decoded) || isIPv4(decoded)
    }

    /// The host of any other scheme; only the scheme itself could judge it.
    static func isOpaque(_ host: ArraySlice<UInt8>) -> Bool {
        if host.first == UInt8(ascii: "[") { return isBracketedAddress(host) }
        return !host.isEmpty && !host.contains { isForbidden($0) }
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        "\0\t\n\r #/:<>?@[\\]^|".utf8.contains(byte)
    }

    private static func percentDecoded(_ host: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = host
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let high = hexDigit(rest[rest.startIndex]), let low = hexDigit(rest[rest.startIndex + 1])
            {
                decoded.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte & 0x0F
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): (byte & 0x0F) + 9
        default: nil
        }
    }
}

// MARK: - IPv4

extension URLHost {
    private static func labels(_ domain: [UInt8]) -> [ArraySlice<UInt8>] {
        var labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        return labels
    }

    /// True if the last label is a number: such a domain must be an address.
    private static func endsInNumber(_ domain: [UInt8]) -> Bool {
        guard let last = labels(domain).last, !last.isEmpty else { return false }
        return last.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } || number(last) != nil
    }

    /// One to four numbers, each a byte, except the last, which fills all remaining bytes.
    private static func isIPv4(_ domain: [UInt8]) -> Bool {
        let numbers = labels(domain).map(number)
        guard numbers.count <= 4, let last = numbers.last, let last else { return false }
        return numbers.dropLast().allSatisfy { ($0 ?? 256) < 256 } && last < 1 << (8 * (5 - numbers.count))
    }

    /// A decimal, octal (`0`) or hexadecimal (`0x`) number; a bare `0x` is 0. The result above 32 bits is arbitrary.
    private static func number(_ label: ArraySlice<UInt8>) -> UInt64? {
        guard !label.isEmpty else { return nil }
        let isHex = label.starts(with: "0x".utf8) || label.starts(with: "0X".utf8)
        let radix: UInt64 = isHex ? 16 : label.count > 1 && label.first == UInt8(ascii: "0") ? 8 : 10
        var value: UInt64 = 0
        for byte in isHex ? label.dropFirst(2) : label {
            guard let digit = hexDigit(byte), digit < radix else { return nil }
            value = min(value * radix + UInt64(digit), 1 << 32)
        }
        return value
    }
}

// MARK: - IPv6

extension URLHost {
    private static func isBracketedAddress(_ host: ArraySlice<UInt8>) -> Bool {
        guard host.count > 2, host.last == UInt8(ascii: "]") else { return false }
        return isIPv6(host.dropFirst().dropLast())
    }

    /// Eight groups of up to four hexadecimal digits. `::` may stand once for one or more zero groups; the last two
    /// groups may be written as an IPv4 address.
    private static func isIPv6(_ address: ArraySlice<UInt8>) -> Bool {
        let colon = UInt8(ascii: ":")
        let gap = address.indices.dropLast().first { address[$0] == colon && address[$0 + 1] == colon }
        guard let gap else { return groupCount(address, mayEndInIPv4: true) == 8 }
        let head = address[..<gap]
        let tail = address[(gap + 2)...]
        guard let before = head.isEmpty ? 0 : groupCount(head, mayEndInIPv4: false),
            let after = tail.isEmpty ? 0 : groupCount(tail, mayEndInIPv4: true)
        else { return false }
        return before + after < 8
    }

    /// The number of groups, or nil if one is malformed.
    private static func groupCount(_ text: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> Int? {
        var groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var count = groups.count
        if mayEndInIPv4, let last = groups.last, last.contains(UInt8(ascii: ".")) {
            guard isDottedQuad(last) else { return nil }
            groups.removeLast()
            count += 1
        }
        let isValid = groups.allSatisfy { group in
            1...4 ~= group.count && group.allSatisfy { hexDigit($0) != nil }
        }
        return isValid ? count : nil
    }

    /// Four decimal numbers below 256 without leading zeros.
    private static func isDottedQuad(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                guard 1...3 ~= part.count, part.count == 1 || part.first != UInt8(ascii: "0") else { return false }
                let value = part.reduce(0) { $0 * 10 + (hexDigit($1).map(Int.init) ?? 16) }
                return part.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } && value < 256
            }
    }
}
