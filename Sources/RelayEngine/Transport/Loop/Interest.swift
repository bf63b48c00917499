internal import CLinux

/// The events that a descriptor is watched for.
struct Interest: OptionSet {
    let rawValue: UInt32

    static let readable = Interest(rawValue: CLINUX_EPOLLIN)
    static let writable = Interest(rawValue: CLINUX_EPOLLOUT)
    /// The peer has closed its sending side, or both; for a connection that is not read.
    static let hangUp = Interest(rawValue: CLINUX_EPOLLRDHUP)
    /// The kernel wakes one of the loops that wait on the listening socket, not all.
    static let exclusive = Interest(rawValue: CLINUX_EPOLLEXCLUSIVE)
}
