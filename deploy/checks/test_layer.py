"""Checks that the digest of a layer tells its content, and nothing of how it came about."""

import os
import pathlib
import tempfile
import unittest

from layer import Layer

FILES = {"b/two": "2", "a": "1", "b/one": ""}


def fill(directory, files):
    for path, content in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(content)
    for path in [*directory.rglob("*")]:
        path.chmod(0o755)
        os.utime(path, (7, 7))
    return directory


class ALayer(unittest.TestCase):
    def directory(self, files=FILES):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        return fill(pathlib.Path(made.name), files)

    def test_it_is_the_same_in_whatever_order_it_was_made(self):
        turned = dict(reversed(FILES.items()))
        self.assertEqual(Layer(self.directory()).digest, Layer(self.directory(turned)).digest)

    def test_whatever_a_client_would_unpack_differently_changes_it(self):
        digest = Layer(self.directory()).digest
        changes = {
            "content": lambda path: (path.write_text("x"), os.utime(path, (7, 7))),
            "time": lambda path: os.utime(path, (8, 8)),
            "mode": lambda path: path.chmod(0o700),
            "name": lambda path: path.rename(path.with_name("c")),
        }
        for name, change in changes.items():
            directory = self.directory()
            change(directory / "a")
            self.assertNotEqual(Layer(directory).digest, digest, name)

    def test_it_counts_the_bytes_of_files(self):
        layer = Layer(self.directory())
        self.assertEqual(layer.size, 2)
        self.assertEqual(layer.sizes, {"a": 1, "b": None, "b/one": 0, "b/two": 1})
        self.assertGreater(layer.compressed_size, 0)
        self.assertEqual(list(layer.listed()), ["  /a  1 bytes", "  /b/", "  /b/one  0 bytes", "  /b/two  1 bytes"])
