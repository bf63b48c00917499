"""The content of a directory as a layer of an image."""

import hashlib
import os
import tarfile
import zlib


class Layer:
    """A directory in the form in which a registry keeps it: a tar archive, sorted by name, packed with gzip.

    The archive has nothing of the machine that it is made on, so the same content always has the same digest.
    """

    def __init__(self, directory):
        self.directory = directory
        # Folders, files and links, each with its size; that of a folder does not count.
        self.sizes = {}
        for folder, folders, files in os.walk(directory):
            for name in folders + files:
                path = os.path.join(folder, name)
                is_folder = os.path.isdir(path) and not os.path.islink(path)
                self.sizes[os.path.relpath(path, directory)] = None if is_folder else os.lstat(path).st_size
        self.size = sum(size for size in self.sizes.values() if size is not None)
        packed = Packed()
        # Times in this format are whole seconds.
        with tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT) as archive:
            for path in sorted(self.sizes):
                archive.add(os.path.join(directory, path), arcname=path, recursive=False, filter=without_names)
        self.compressed_size = packed.end()
        self.digest = f"sha256:{packed.digest.hexdigest()}"

    def listed(self):
        for path in sorted(self.sizes):
            size = self.sizes[path]
            yield f"  /{path}" + ("/" if size is None else f"  {size:,} bytes")


def without_names(entry):
    """Whose numbers say enough: which names they have depends on the machine."""
    entry.uname = entry.gname = ""
    return entry


class Packed:
    """A file that keeps of what is written to it only the digest and the compressed length."""

    def __init__(self):
        self.digest = hashlib.sha256()
        self.compressor = zlib.compressobj(level=6)
        self.count = 0

    def write(self, data):
        self.digest.update(data)
        self.count += len(self.compressor.compress(data))
        return len(data)

    def end(self):
        return self.count + len(self.compressor.flush())
