/// A header field to write.
///
/// Its text is checked on creation, so no value can end its line and start a field, or a response, of its own.
package struct HTTPHeader: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        precondition(!name.isEmpty && name.utf8.allSatisfy(ByteClass.isToken), "A header's name is a token")
        precondition(value.utf8.allSatisfy(ByteClass.isFieldContent), "A header's value stays on its line")
        self.name = name
        self.value = value
    }

    func append(to output: inout [UInt8]) {
        output.append(contentsOf: name.utf8)
        output.append(contentsOf: ": ".utf8)
        output.append(contentsOf: value.utf8)
        output.append(contentsOf: "\r\n".utf8)
    }
}
