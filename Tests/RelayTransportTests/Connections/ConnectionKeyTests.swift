import Testing

@testable import RelayEngine

@Suite("Names of connections")
struct ConnectionKeyTests {
    @Test(
        "a key gives its descriptor back, also when it has been a plain number in the meantime",
        arguments: [0, 1, 255, 65_536, 1 << 24 - 1] as [Int32], [0, 1, 7 << 32, 1 << 40 - 1] as [UInt64])
    func keepsDescriptor(descriptor: Int32, serial: UInt64) {
        let key = ConnectionKey(descriptor: descriptor, serial: serial)
        #expect(key.descriptor == descriptor)
        #expect(ConnectionKey(rawValue: key.rawValue) == key)
    }

    @Test("a descriptor that is used again makes another key")
    func tellsReuseApart() {
        #expect(ConnectionKey(descriptor: 9, serial: 1) != ConnectionKey(descriptor: 9, serial: 2))
        #expect(ConnectionKey(descriptor: 9, serial: 1) != ConnectionKey(descriptor: 8, serial: 1))
    }
}
