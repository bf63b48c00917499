internal import CAres

/// The process-wide state of c-ares.
///
/// Initialised once, by the first user, thread-safely, and never cleaned up: another part of the process may use c-ares
/// too, and the library's reference count is not thread-safe.
enum AresLibrary {
    private static let status = ares_library_init(ARES_LIB_INIT_ALL)

    static func initialize() throws(AresError) {
        guard status == ARES_SUCCESS else {
            throw AresError(.systemFailure, "c-ares cannot be initialised: \(describe(status))")
        }
    }

    /// c-ares' own text for one of its status codes.
    static func describe(_ status: Int32) -> String {
        unsafe String(cString: ares_strerror(status))
    }
}
