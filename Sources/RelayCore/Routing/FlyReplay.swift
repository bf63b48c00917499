/// An instruction to the platform's proxy: deliver this request to another machine.
///
/// It is the value of a `fly-replay` header in a 409 response without a body. If the target cannot be reached within
/// the timeout, the request comes back here as a fallback.
package enum FlyReplay: Hashable, Sendable {
    case instance(InstanceID)
    /// The machine to which this one has handed the room over. Marked, so that the request is not sent on once more.
    case newHome(InstanceID)
    case region(Region)
    /// Any machine but this one.
    case elsewhere

    package static let headerName = "fly-replay"
    /// The text that the proxy passes on to the machine that gets the request.
    static let newHomeState = "handed-over"

    package var headerValue: String {
        switch self {
        case .instance(let id): "instance=\(id.text);timeout=5s;fallback=force_self"
        case .newHome(let id): "instance=\(id.text);state=\(FlyReplay.newHomeState);timeout=5s;fallback=force_self"
        case .region(let region): "region=\(region.name);timeout=5s;fallback=force_self"
        case .elsewhere: "elsewhere=true;timeout=5s;fallback=force_self"
        }
    }
}
