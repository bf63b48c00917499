internal import CAres
internal import Glibc
internal import NIOCore

/// The callbacks of c-ares, which is set up to use no file, no environment and no descriptor.
///
/// c-ares knows server number n as the address 127.0.0.1 with the port n + 1. That is only a name: the real address, of
/// any family, is used when the socket is opened.
extension AresChannel {
    /// `ARES_SOCKET_BAD`, which Swift does not import.
    static let noSocket: Int32 = -1
    /// `C_IN` of arpa/nameser.h.
    static let internet: Int32 = 1

    func open(extension: Bool, tries: Int) -> ares_channel? {
        var options = unsafe ares_options()
        unsafe options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | (`extension` ? ARES_FLAG_EDNS : 0)
        unsafe options.timeout = Int32(clamping: timeout.nanoseconds / 1_000_000)
        unsafe options.tries = Int32(clamping: tries)
        unsafe options.ndots = 1
        unsafe options.ednspsz = AresChannel.datagramSize
        unsafe options.sock_state_cb = AresChannel.stateChanged
        unsafe options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
        // With every option set, even to nothing, c-ares reads no file.
        let mask =
            ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_EDNSPSZ
            | ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE | ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST
            | ARES_OPT_LOOKUPS
        var onlyServers: [CChar] = [CChar(UInt8(ascii: "b")), 0]
        var opened: ares_channel?
        let status = unsafe onlyServers.withUnsafeMutableBufferPointer { lookups in
            unsafe options.lookups = lookups.baseAddress
            return unsafe ares_init_options(&opened, &options, mask)
        }
        guard status == ARES_SUCCESS, let channel = unsafe opened else { return nil }
        unsafe ares_set_socket_functions(
            channel, AresChannel.socketFunctions, Unmanaged.passUnretained(self).toOpaque())
        let names = servers.indices.map { "127.0.0.1:\($0 + 1)" }.joined(separator: ",")
        guard unsafe ares_set_servers_ports_csv(channel, names) == ARES_SUCCESS else {
            unsafe ares_destroy(channel)
            return nil
        }
        return unsafe channel
    }

    /// Called exactly once for each question.
    static let answered: ares_callback = { argument, status, timeouts, bytes, count in
        guard let argument = unsafe argument else { return }
        let pending = unsafe Unmanaged<PendingQuestion>.fromOpaque(argument).takeRetainedValue()
        let channel = pending.channel
        let answer = unsafe UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(count))
        var outcome = Outcome(result: unsafe RecordReader.read(answer, of: pending.type, status: status))
        outcome.timeouts = Int(timeouts)
        if unsafe bytes != nil {
            outcome.server = channel.speaking?.server
        } else if status == ARES_ECONNREFUSED, let code = channel.speaking?.responseCode, code != 0 {
            // c-ares drops answers with an error code, and reports them as refused connections.
            outcome = Outcome(result: .failure(RecordReader.error(responseCode: code)), timeouts: Int(timeouts))
        }
        channel.finish(pending.completion, outcome)
    }

    private static let stateChanged: ares_sock_state_cb = { owner, id, _, writable in
        // A virtual socket accepts all bytes at once. Bytes left in c-ares' queue would be referenced after their
        // question is gone, or has been shortened by a duplicate answer.
        if writable != 0 { unsafe channel(owner)?.becameReady(.writable(id)) }
    }

    /// Never changed or freed: c-ares keeps the pointer.
    nonisolated(unsafe) private static let socketFunctions: UnsafePointer<ares_socket_functions> = {
        let functions = UnsafeMutablePointer<ares_socket_functions>.allocate(capacity: 1)
        unsafe functions.initialize(
            to: ares_socket_functions(
                asocket: { _, type, _, owner in
                    unsafe channel(owner)?.openSocket(isStream: type == Int32(SOCK_STREAM.rawValue)) ?? noSocket
                },
                aclose: { id, owner in
                    unsafe channel(owner)?.sockets.removeValue(forKey: id)?.close()
                    return 0
                },
                aconnect: { id, address, length, owner in
                    guard let socket = unsafe channel(owner)?.sockets[id] else { return fail(EBADF) }
                    let name = unsafe [UInt8](UnsafeRawBufferPointer(start: address, count: Int(length)))
                    // The port of a sockaddr_in, which holds the number of the server.
                    socket.connect(to: Int(name[2]) << 8 + Int(name[3]) - 1, name: name)
                    return 0
                },
                arecvfrom: { id, bytes, count, _, sender, senderLength, owner in
                    guard let socket = unsafe channel(owner)?.sockets[id] else { return fail(EBADF) }
                    if let sender = unsafe sender, let senderLength = unsafe senderLength {
                        // The socket is connected, so there is only one possible sender.
                        unsafe UnsafeMutableRawBufferPointer(start: sender, count: Int(senderLength.pointee))
                            .copyBytes(from: socket.serverName.prefix(Int(senderLength.pointee)))
                    }
                    return unsafe socket.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: count))
                },
                asendv: { id, pieces, count, owner in
                    guard let socket = unsafe channel(owner)?.sockets[id] else { return fail(EBADF) }
                    var buffer = ByteBuffer()
                    let vector = unsafe UnsafeBufferPointer(start: pieces, count: Int(count))
                    for index in 0..<Int(count) {
                        unsafe buffer.writeBytes(
                            UnsafeRawBufferPointer(start: vector[index].iov_base, count: vector[index].iov_len))
                    }
                    let size = buffer.readableBytes
                    socket.write(buffer)
                    return size
                }
            ))
        return unsafe UnsafePointer(functions)
    }()

    /// The channel behind c-ares' user data; it outlives everything c-ares holds.
    private static func channel(_ owner: UnsafeMutableRawPointer?) -> AresChannel? {
        unsafe owner.map { unsafe Unmanaged<AresChannel>.fromOpaque($0).takeUnretainedValue() }
    }

    private func openSocket(isStream: Bool) -> Int32 {
        // Numbers are never reused, so a late event of a closed socket reaches nobody.
        lastSocket += 1
        sockets[lastSocket] = VirtualSocket(id: lastSocket, isStream: isStream, channel: self)
        return lastSocket
    }
}

/// Fails a socket call in the manner of C: `errno` and -1.
func fail<Result: FixedWidthInteger>(_ code: Int32) -> Result {
    errno = code
    return -1
}
