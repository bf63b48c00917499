internal import Glibc

/// The file that `ROOMS_FILE` names: the rooms of a machine that restarts and has nobody to hand them to.
///
/// It is written once, when a relay ends, and read once, when the next one starts.
package struct RoomsFile: Sendable {
    let path: String

    package init(path: String) {
        self.path = path
    }

    /// The path of the directory.
    var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Where a file that cannot be read is put.
    var setAsidePath: String { path + ".unreadable" }
    /// Where the file grows until it is complete.
    var partialPath: String { "\(path).\(getpid()).partial" }

    /// The reason why no file could be written now; nil if there is none. It says nothing of the room on the disk.
    package var obstacle: String? {
        if let isRegular = RoomsFile.isRegular(path), !isRegular { return "it is no regular file" }
        return unsafe access(directory, W_OK | X_OK) == 0 ? nil : RoomsFile.reason(errno)
    }

    /// True for a regular file, false for anything else of that name, nil for nothing.
    static func isRegular(_ path: String) -> Bool? {
        var status = stat()
        // Of a link itself, which no relay has made.
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return status.st_mode & S_IFMT == S_IFREG
    }

    static func reason(_ code: Int32) -> String {
        unsafe String(cString: strerror(code))
    }

    /// Makes a change of the directory durable.
    ///
    /// - Returns: the code of the error; nil for none.
    func syncDirectory() -> Int32? {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return fsync(descriptor) == 0 ? nil : errno
    }
}

/// The error for rooms that could not be written: one line that names the variable.
package struct RoomsFileError: Error, Equatable, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "ROOMS_FILE \(path.debugDescription) cannot be written: \(reason)" }
}
