import Testing

@testable import RelayWire

@Suite("The bytes of a field's value")
struct FieldContentTests {
    @Test("whichever byte stands wherever, the value goes on up to the first that no value has", arguments: 0...24)
    func end(length: Int) {
        var faults: [String] = []
        let usual = [UInt8](repeating: UInt8(ascii: "a"), count: length)
        for start in 0...length where usual.span.endOfFieldContent(from: start) != length {
            faults.append("none from \(start)")
        }
        for place in 0..<length {
            for byte in UInt8.min...UInt8.max {
                var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                bytes[place] = byte
                // Behind it one that ends it, and one beyond ASCII, which does not.
                if place + 2 < length { (bytes[place + 1], bytes[place + 2]) = (0xFF, 0x0D) }
                for start in [0, place / 2] {
                    let end = bytes[start...].firstIndex { !ByteClass.isFieldContent($0) } ?? length
                    if bytes.span.endOfFieldContent(from: start) != end {
                        faults.append("\(byte) at \(place) from \(start)")
                    }
                }
            }
        }
        #expect(faults.isEmpty)
    }
}
