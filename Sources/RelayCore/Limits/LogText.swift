/// Text of a client, made fit for a log: bounded, and without anything that acts on a terminal or hides there.
package enum LogText {
    /// Enough for nearly every origin.
    package static let maxBytes = 128

    /// The text on one line: control characters, invisible ones and those that turn the direction of writing become
    /// U+FFFD, and what is beyond `maxBytes` becomes an ellipsis.
    package static func line(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            let shown = isHarmless(scalar) ? scalar : "\u{FFFD}"
            guard line.utf8.count + UTF8.width(shown) <= maxBytes else { return line + "\u{2026}" }
            line.unicodeScalars.append(shown)
        }
        return line
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
