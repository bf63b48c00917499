internal import CServedFiles
internal import RelayCore
internal import RelayWire

/// A served file's content. It is a part of the program, so no file has to lie beside that, and it takes no memory until
/// somebody asks for it.
///
/// Any thread may read it: its bytes are constants of the program, which nobody can change.
@safe struct FileContent: @unchecked Sendable {
    /// Seconds for which caches may keep it. Its bytes change with the relay's version alone, and to ask for them again
    /// costs next to nothing; but whoever has just replaced the relay is not to wait long for the new ones.
    static let maxAge = 300

    let mediaType: String
    /// Derived from the bytes, so that machines of one version have the same.
    let tag: EntityTag
    private let constant: UnsafeRawBufferPointer

    private init(_ file: cserved_file, _ mediaType: String) {
        unsafe constant = UnsafeRawBufferPointer(start: file.bytes, count: file.count)
        self.mediaType = mediaType
        tag = EntityTag(ContentHash.text(of: unsafe Array(constant)))
    }

    static func of(_ file: ServedFile) -> FileContent {
        switch file {
        case .client: client
        case .clientTypes: clientTypes
        case .demo: demo
        }
    }

    /// A copy of the bytes.
    var bytes: [UInt8] { unsafe Array(constant) }

    // Each is made when somebody first asks for it, so that a start does not hash.

    // Browsers run a module under this type only (RFC 9239).
    private static let client = unsafe FileContent(cserved_client(), "text/javascript; charset=utf-8")
    // TypeScript has no registered type: browsers show text, and tools go by the end of the name.
    private static let clientTypes = unsafe FileContent(cserved_client_types(), "text/plain; charset=utf-8")
    private static let demo = unsafe FileContent(cserved_demo(), "text/html; charset=utf-8")
}
