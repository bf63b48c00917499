"""The content of a directory, and its changes since."""

import os
import stat
import tarfile
import zlib


class Snapshot:
    """Every path of a directory with the attributes that reveal a change."""

    def __init__(self, root, entries=None):
        self.root = root
        self.entries = entries if entries is not None else dict(self._walk())
        self.removed = []

    def _walk(self):
        for folder, folders, files in os.walk(self.root):
            for name in folders + files:
                path = os.path.join(folder, name)
                yield os.path.relpath(path, self.root), Entry(os.lstat(path))

    def since(self, before):
        """The paths that are new or changed. A folder that changed only by its content does not count."""
        changed = {
            path: entry for path, entry in self.entries.items()
            if path not in before.entries or (not entry.is_folder and entry != before.entries[path])}
        changes = Snapshot(self.root, changed)
        changes.is_new = {path: path not in before.entries for path in changed}
        changes.removed = sorted(set(before.entries) - set(self.entries))
        return changes

    def listed(self):
        """The lines of a set of changes: added (+), changed (~) or gone (-), the path, and the size of a file."""
        for path in sorted(self.entries):
            entry = self.entries[path]
            sign = "+" if self.is_new[path] else "~"
            yield sign, f"/{path}", None if entry.is_folder or entry.is_link else entry.size
        for path in self.removed:
            yield "-", f"/{path}", None

    def size(self):
        """Bytes of the files' content; a file with several names counts once."""
        return sum({
            entry.inode: entry.size for entry in self.entries.values() if entry.is_file}.values())

    def compressed_size(self):
        """Bytes of a tar archive of it, packed with gzip, as a registry keeps a layer."""
        packed = PackedSize()
        with tarfile.open(fileobj=packed, mode="w|") as archive:
            for path in sorted(self.entries):
                archive.add(os.path.join(self.root, path), arcname=path, recursive=False)
        return packed.total()


class Entry:
    """One path's state."""

    def __init__(self, status):
        self.size = status.st_size
        self.inode = status.st_ino
        self.is_folder = stat.S_ISDIR(status.st_mode)
        self.is_file = stat.S_ISREG(status.st_mode)
        self.is_link = stat.S_ISLNK(status.st_mode)
        self.state = (status.st_mode, status.st_uid, status.st_gid, status.st_size, status.st_mtime_ns, status.st_ino)

    def __eq__(self, other):
        return self.state == other.state


class PackedSize:
    """A file that keeps only the compressed length of what is written to it."""

    def __init__(self):
        self.compressor = zlib.compressobj(level=6)
        self.count = 0

    def write(self, data):
        self.count += len(self.compressor.compress(data))
        return len(data)

    def total(self):
        return self.count + len(self.compressor.flush())


def megabytes(size):
    return f"{size / 1e6:7.2f} MB"
