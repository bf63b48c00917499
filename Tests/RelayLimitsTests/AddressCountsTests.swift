import RelayLimits
import TestSupport
import Testing

@Suite("Counts by address")
struct AddressCountsTests {
    private static let one = ClientAddress(ipv4: 0xCB00_7107)
    private static let other = ClientAddress(ipv4: 0xCB00_7108)

    @Test("an address may hold the most, and one more when it has let go of one")
    func bound() {
        var counts = AddressCounts(most: 2)
        #expect(counts.add(Self.one) == true)
        #expect(counts.add(Self.one) == true)
        #expect(counts.add(Self.one) == false)
        #expect(counts.add(Self.other) == true)
        counts.remove(Self.one)
        #expect(counts.add(Self.one) == true)
        #expect(counts.add(Self.one) == false)
    }

    @Test("a /64 of IPv6 is one address")
    func household() {
        var counts = AddressCounts(most: 1)
        #expect(counts.add(ClientAddress(high: 0x2001_0DB8_0001_0002, low: 1)) == true)
        #expect(counts.add(ClientAddress(high: 0x2001_0DB8_0001_0002, low: 2)) == false)
        #expect(counts.add(ClientAddress(high: 0x2001_0DB8_0001_0003, low: 1)) == true)
        counts.remove(ClientAddress(high: 0x2001_0DB8_0001_0002, low: 9))
        #expect(counts.add(ClientAddress(high: 0x2001_0DB8_0001_0002, low: 3)) == true)
    }

    @Test("0 is no bound, and nothing is remembered then")
    func off() {
        var counts = AddressCounts(most: 0)
        for _ in 0..<1_000 { #expect(counts.add(Self.one) == true) }
        #expect(counts.addresses == 0)
        counts.remove(Self.one)
    }

    @Test("whatever comes and goes, an address is admitted exactly while it holds less than the most")
    func model() {
        var dice = SeededGenerator(seed: 7)
        var counts = AddressCounts(most: 3)
        var held = [Int](repeating: 0, count: 5)
        for _ in 0..<5_000 {
            let number = dice.roll(held.count)
            let address = ClientAddress(ipv4: 0x0101_0101 + UInt32(number))
            if dice.roll(2) == 0, held[number] > 0 {
                counts.remove(address)
                held[number] -= 1
            } else {
                let isAdmitted = counts.add(address)
                #expect(isAdmitted == (held[number] < 3))
                if isAdmitted { held[number] += 1 }
            }
            #expect(counts.addresses == held.count { $0 > 0 })
        }
    }
}
