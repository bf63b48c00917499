internal import NIOHTTP1

/// An answer to a plain request, or to an upgrade that was refused.
package struct Reply: Sendable, CustomStringConvertible {
    /// The request: its method and URL.
    package let request: String
    package let status: Int
    package let headers: [(name: String, value: String)]
    package var body = ""

    init(to request: String, _ head: HTTPResponseHead) {
        self.request = request
        status = Int(head.status.code)
        headers = head.headers.map { (name: $0.name, value: $0.value) }
    }

    /// The value of the only field of that name.
    package subscript(_ name: String) -> String? {
        let found = headers.filter { $0.name.lowercased() == name.lowercased() }
        return found.count == 1 ? found[0].value : nil
    }

    /// The machine that answered.
    package var instance: String? { self["X-Instance-Id"] }

    package var description: String {
        var text = "\(request): \(status)"
        if let instance { text += ", X-Instance-Id: \(instance)" }
        if let location = self["Location"] { text += ", Location: \(location)" }
        return body.isEmpty ? text : "\(text), \(body.prefix(200))"
    }
}
