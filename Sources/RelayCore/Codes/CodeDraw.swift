/// The characters of which new codes are made.
package enum CodeStyle: String, CaseIterable, Sendable {
    /// All of the alphabet.
    case mixed
    /// Digits and capitals without vowels, where the region has such codes.
    case easy
}

/// The draw of codes of one style for one region, each as likely as any other.
package struct CodeDraw: Sendable {
    private let home: Region?
    /// The ranks of the easy codes to draw from; empty if codes are mixed.
    private let ranks: Range<UInt64>

    package init(_ style: CodeStyle, home: Region?) {
        self.home = home
        ranks = style == .easy ? EasyCodes.ranks(inRegion: home?.index) : 0..<0
    }

    package func next(using generator: inout some RandomNumberGenerator) -> RoomCode {
        guard !ranks.isEmpty else { return RoomCode(home: home, random: generator.next()) }
        return EasyCodes.code(ofRank: .random(in: ranks, using: &generator))
    }
}
