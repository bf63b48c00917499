/// The value of `SIBLINGS`: where the siblings of a machine are listed.
enum SiblingsSetting: Hashable {
    /// In the platform's DNS, by the app's name.
    case fly
    /// At the addresses of one name.
    ///
    /// - Parameter port: nil for the one that this machine listens on.
    case dns(name: String, port: Int?)

    static let expected = "dns:NAME or dns:NAME:PORT with an absolute host name, or fly where FLY_APP_NAME is set"

    /// Reads `fly`, `dns:NAME` or `dns:NAME:PORT`; nil for anything else.
    init?(_ text: String) {
        if text == "fly" {
            self = .fly
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts[0] == "dns", (2...3).contains(parts.count), SiblingsSetting.isHostName(parts[1]) else { return nil }
        var port: Int?
        if parts.count == 3 {
            port = EnvironmentVariables.number(String(parts[2]), in: 1...65_535)
            guard port != nil else { return nil }
        }
        self = .dns(name: String(parts[1]), port: port)
    }

    /// True for letters, digits, hyphens and underscores in labels (RFC 1123), with or without the last dot; an address
    /// is no name.
    private static func isHostName(_ text: Substring) -> Bool {
        let name = text.hasSuffix(".") ? text.dropLast() : text
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isAddress = labels.last?.allSatisfy(\.isNumber) ?? true
        return name.utf8.count <= 253 && !isAddress
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "-" || $0 == "_" }
            }
    }
}
