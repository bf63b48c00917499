import RelayLimits

@testable import RelayEngine

extension Connection where Handler == ScriptedHandler {
    /// A connection without a socket, for the parts that never ask the kernel.
    static func unconnected(_ descriptor: Int32, serial: UInt64 = 1) -> ScriptedConnection {
        unconnected(ConnectionKey(descriptor: descriptor, serial: serial))
    }

    static func unconnected(_ key: ConnectionKey) -> ScriptedConnection {
        ScriptedConnection(key: key, peer: ClientAddress(ipv4: 0x7F00_0001), now: 0)
    }
}
