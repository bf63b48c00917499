internal import Glibc
package import Logging
package import RelayCore

/// What a start has found in the rooms file.
package enum KeptRooms: Sendable, Equatable {
    /// There is no file.
    case none
    /// The file is older than its rooms are kept, or its time is as far in the future.
    case untimely
    /// Something is there, but no rooms that this relay reads.
    case unreadable
    /// The rooms, and the seconds since they were written.
    case rooms([RoomRecord], age: Int)
}

extension RoomsFile {
    /// Reads the rooms of the last relay, and removes the file, so that no later start has them again.
    ///
    /// A file that cannot be read is set aside, replacing one that was before it. What is worth knowing is logged in one
    /// line. If the file cannot be removed, its rooms are used all the same: a start that comes before they are too old
    /// would have them once more, which the line says.
    ///
    /// - Parameters:
    ///   - maxAge: seconds, in both directions, since clocks are set; with 0 every file is too old.
    ///   - maxRooms: the most rooms to take, 0 for any number; further ones are passed over.
    ///   - now: the seconds since 1970.
    package func read(maxAge: Int, maxRooms: Int, now: Int, logger: Logger) -> KeptRooms {
        let contents: RoomsFileFormat.Contents
        do throws(RoomsFileDamage) {
            guard let bytes = try bytes() else { return .none }
            contents = try RoomsFileFormat.read(bytes, maxRooms: maxRooms == 0 ? .max : maxRooms)
        } catch {
            setAside(because: error, logger: logger)
            return .unreadable
        }
        // Seconds of either clock are far from where this could overflow.
        let age = now &- contents.time
        guard maxAge > 0, age.magnitude <= UInt(maxAge) else {
            remove(logger: logger)
            logger.notice(
                "the rooms of ROOMS_FILE are too old", metadata: ["ageSeconds": .stringConvertible(age)])
            return .untimely
        }
        remove(logger: logger)
        return .rooms(contents.rooms, age: max(age, 0))
    }

    /// The bytes of the file; nil if there is none.
    private func bytes() throws(RoomsFileDamage) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return nil
            case ELOOP, ENXIO: throw .notRegular
            case let code: throw .system(RoomsFile.reason(code))
            }
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(RoomsFile.reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        guard status.st_size <= RoomsFileFormat.maximumBytes else { throw .tooLarge }
        return try RoomsFile.read(Int(status.st_size), from: descriptor)
    }

    private static func read(_ length: Int, from descriptor: Int32) throws(RoomsFileDamage) -> [UInt8] {
        var failure: Int32?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            while count < length {
                let rest = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                let read = unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
                if read < 0, errno == EINTR { continue }
                if read < 0 { failure = errno }
                guard read > 0 else { return }
                count += read
            }
        }
        if let failure { throw .system(reason(failure)) }
        return bytes
    }

    private func remove(logger: Logger) {
        guard unsafe unlink(path) != 0 else {
            _ = syncDirectory()
            return
        }
        logger.warning(
            "ROOMS_FILE cannot be removed: a start that comes soon will have the same rooms again",
            metadata: ["path": "\(path)", "reason": "\(RoomsFile.reason(errno))"])
    }

    private func setAside(because damage: RoomsFileDamage, logger: Logger) {
        var facts: Logger.Metadata = ["path": "\(path)", "reason": "\(damage)"]
        // Whatever else has that name is somebody's own.
        if damage != .notRegular {
            if unsafe rename(path, setAsidePath) == 0 {
                facts["setAside"] = "\(setAsidePath)"
            } else {
                facts["setAside"] = "failed: \(RoomsFile.reason(errno))"
            }
        }
        logger.warning("ROOMS_FILE cannot be read: the relay starts without its rooms", metadata: facts)
    }
}
