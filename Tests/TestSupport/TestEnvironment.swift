internal import Glibc

/// What whoever runs the tests asks of them by variables.
package enum TestEnvironment {
    /// Nil for a variable that is not set, or set to nothing.
    package static func text(_ variable: String) -> String? {
        guard let text = unsafe getenv(variable) else { return nil }
        return unsafe text.pointee == 0 ? nil : String(cString: text)
    }
}
