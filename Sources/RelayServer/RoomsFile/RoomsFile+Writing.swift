internal import Glibc
package import RelayCore

extension RoomsFile {
    /// Bytes that are collected for one write.
    private static let chunk = 1 << 20

    /// Writes the rooms: all of them, on the disk, or none, and then the file is what it was before.
    ///
    /// Blocks for as long as the disk takes.
    ///
    /// - Parameter now: the seconds since 1970.
    /// - Returns: the number of rooms that were left out, since they or the file would be larger than a relay reads.
    package func write(_ rooms: [RoomRecord], now: Int) throws(RoomsFileError) -> Int {
        if let isRegular = RoomsFile.isRegular(path), !isRegular { throw error("it is no regular file") }
        // Of a process with the same number that was killed while it wrote.
        unsafe unlink(partialPath)
        let descriptor = unsafe open(partialPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw error(errno) }
        var isOpen = true
        do throws(RoomsFileError) {
            let leftOut = try write(rooms, to: descriptor, now: now)
            guard fsync(descriptor) == 0 else { throw error(errno) }
            isOpen = false
            guard close(descriptor) == 0 else { throw error(errno) }
            guard unsafe rename(partialPath, path) == 0 else { throw error(errno) }
            // The rooms are in place; only a crash of the machine could still lose them.
            _ = syncDirectory()
            return leftOut
        } catch {
            if isOpen { close(descriptor) }
            unsafe unlink(partialPath)
            throw error
        }
    }

    private func write(_ rooms: [RoomRecord], to descriptor: Int32, now: Int) throws(RoomsFileError) -> Int {
        let kept = RoomsFile.thatFit(rooms)
        var hash = SHA256()
        var bytes = RoomsFileFormat.header(time: now, count: kept.count)
        for room in kept {
            RoomsFileFormat.append(room, to: &bytes)
            guard bytes.count >= RoomsFile.chunk else { continue }
            hash.update(bytes.span)
            try write(bytes, to: descriptor)
            bytes.removeAll(keepingCapacity: true)
        }
        hash.update(bytes.span)
        try write(bytes + hash.finish(), to: descriptor)
        return rooms.count - kept.count
    }

    private static func thatFit(_ rooms: [RoomRecord]) -> [RoomRecord] {
        var spare = RoomsFileFormat.maximumBytes - RoomsFileFormat.emptyLength
        return rooms.filter { room in
            guard let length = RoomsFileFormat.length(of: room), length <= spare else { return false }
            spare -= length
            return true
        }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) throws(RoomsFileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw error(count < 0 ? errno : ENOSPC) }
            rest.removeFirst(count)
        }
    }

    private func error(_ code: Int32) -> RoomsFileError { error(RoomsFile.reason(code)) }

    private func error(_ reason: String) -> RoomsFileError { RoomsFileError(path: path, reason: reason) }
}
