/// A value of a JSON text: found and validated, not decoded.
///
/// The relay forwards values as their sender wrote them, so it keeps little more than their ranges.
@usableFromInline
package struct JSONValue: Hashable, Sendable {
    @usableFromInline
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, bool, null
    }

    @usableFromInline package let kind: Kind
    /// The value's bytes without surrounding white space; those of a string include its quotes.
    @usableFromInline package let range: Range<Int>

    package init(kind: Kind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }
}
