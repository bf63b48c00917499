/// Where a program keeps its secrets, so that it gets its seat back after it was started anew.
///
/// A game gives the two functions: they may read and write a file, a keychain, a database. `save` is called on the
/// connection's event loop, so it should be quick. Without a store a `Room` knows its secret as long as it exists, and
/// `Room.clientID` tells it.
public struct ClientIDStore: Sendable {
    let load: @Sendable (_ room: String) -> ClientID?
    let save: @Sendable (_ id: ClientID, _ room: String) -> Void

    /// - Parameters:
    ///   - load: the secret that was saved for the room with this code, or nil.
    ///   - save: keeps the secret for the room with this code.
    public init(
        load: @escaping @Sendable (_ room: String) -> ClientID?,
        save: @escaping @Sendable (_ id: ClientID, _ room: String) -> Void
    ) {
        self.load = load
        self.save = save
    }
}
