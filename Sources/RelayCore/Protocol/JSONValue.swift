/// One value of a JSON text: found and validated, not decoded.
///
/// The relay passes values on as their sender wrote them, so where a value lies is all it keeps of most of them.
package struct JSONValue: Hashable, Sendable {
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, bool, null
    }

    package let kind: Kind
    /// The value's own bytes, outer white space aside; those of a string with its quotes.
    package let range: Range<Int>

    package init(kind: Kind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }
}
