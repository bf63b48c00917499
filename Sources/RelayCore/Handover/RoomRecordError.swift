/// The reason why bytes are no record of a room that this relay reads.
package enum RoomRecordError: Error, Hashable, CustomStringConvertible {
    /// Of a later relay.
    case unknownVersion(UInt8)
    /// Beyond `RoomRecord.maximumEncodedBytes`.
    case tooLarge
    case truncated
    /// More bytes than the record says that it has.
    case trailingBytes
    /// A tag that this version does not have.
    case unknownTag(UInt8)
    /// A tag that stands twice, or after a higher one.
    case misplacedTag(UInt8)
    case missing(String)
    /// A field whose value no room can have.
    case invalid(String)
    /// The record is of another room.
    case otherRoom

    package var description: String {
        switch self {
        case .unknownVersion(let version): "version \(version) of the record is not known"
        case .tooLarge: "the record is too large"
        case .truncated: "the record is incomplete"
        case .trailingBytes: "the record is followed by more bytes"
        case .unknownTag(let tag): "field \(tag) is not known"
        case .misplacedTag(let tag): "field \(tag) is out of place"
        case .missing(let field): "\(field) is missing"
        case .invalid(let field): "\(field) is invalid"
        case .otherRoom: "the record is of another room"
        }
    }
}
