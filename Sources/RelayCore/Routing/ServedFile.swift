/// A file that every relay serves, the same on all machines of a version: its requests are never routed.
package enum ServedFile: String, CaseIterable, Sendable {
    /// The client library for browsers.
    case client = "client.js"
    /// The types of the client library.
    case clientTypes = "client.d.ts"
    /// The page that shows what a game looks like.
    case demo
}
