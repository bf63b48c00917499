internal import CLinux

/// What a descriptor is watched for.
struct Interest: OptionSet {
    let rawValue: UInt32

    static let readable = Interest(rawValue: CLINUX_EPOLLIN)
    static let writable = Interest(rawValue: CLINUX_EPOLLOUT)
    /// The peer has closed its side, or all of it; for a connection that is not read.
    static let hangUp = Interest(rawValue: CLINUX_EPOLLRDHUP)
    /// Of several loops that wait on one listening socket, wake one, not all.
    static let exclusive = Interest(rawValue: CLINUX_EPOLLEXCLUSIVE)
}
