internal import Glibc

/// A system call that failed, in words for the operator.
package struct SystemError: Error, CustomStringConvertible {
    package let call: String
    package let code: Int32

    /// Reads `errno`, so it must be created right after the call.
    init(_ call: String) {
        self.init(call, code: errno)
    }

    init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String {
        "\(call): \(unsafe String(cString: strerror(code)))"
    }
}
