"""Checks that the image's content follows from the relay and its system alone, and that it tells what it consists of."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.parse

from components import Unknown, archives, debian_packages, swift_packages
from layer import Layer
from libraries import listed_libraries

BINARY = os.environ.get("CHECK_BUILT")
COLLECT = pathlib.Path(__file__).resolve().parent.parent / "collect-root"
BILL = "usr/share/party-sockets/party-sockets.cdx.json"


class Libraries(unittest.TestCase):
    def test_those_that_a_loader_lists_are_read_and_sorted(self):
        self.assertEqual(listed_libraries(
            "\tlinux-vdso.so.1 (0x1)\n\tlibz.so.1 => /lib/z/libz.so.1 (0x2)\n"
            "\tliba.so => /usr/local/bin/../lib/liba.so (0x3)\n\t/lib64/ld-linux-x86-64.so.2 (0x4)\n"),
            ["/lib/z/libz.so.1", "/lib64/ld-linux-x86-64.so.2", "/usr/local/lib/liba.so"])

    def test_one_that_is_missing_is_named(self):
        with self.assertRaisesRegex(FileNotFoundError, "not installed: libcares.so.2"):
            listed_libraries("\tlibcares.so.2 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x2)\n")

    def test_a_file_of_no_package_is_refused(self):
        with self.assertRaisesRegex(Unknown, "belongs to no package"):
            debian_packages(["/proc/version"])


class Built(unittest.TestCase):
    """What a build has recorded, on a made-up one."""

    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.build = pathlib.Path(made.name)
        self.binary = self.build / "release/relay"
        self.write("release/relay", "\0producer Swift version 9.8.7 (swift-9.8.7-RELEASE)\0")
        self.link("Own", "InSwift", "InC")
        self.write("release/Own.build/output-file-map.json", json.dumps({"": {}, "/source/Sources/Own/a.swift": {}}))
        self.write(
            "release/InSwift.build/output-file-map.json",
            json.dumps({"": {}, "/source/.build/checkouts/one/Sources/InSwift/a.swift": {}}))
        self.write(
            "release/InC.build/deep/a.c.d",
            "dependencies: \\\n  /source/.build/checkouts/two/a.c \\\n  /source/.build/checkouts/three/b.h\n")
        self.state(one={"version": "1.0.1", "revision": "abc"}, two={"revision": "def"}, unused={"revision": "012"})
        self.write("checkouts/one/LICENSE.txt", "")
        self.write("checkouts/one/NOTICE", "")

    def write(self, path, text):
        (self.build / path).parent.mkdir(parents=True, exist_ok=True)
        (self.build / path).write_text(text)

    def link(self, *modules):
        self.write("release/relay.product/Objects.LinkFileList", "".join(
            f"/source/.build/release/{module}.build/a.o\n" for module in modules))

    def state(self, **states):
        self.write("workspace-state.json", json.dumps({"object": {"dependencies": [
            {
                "packageRef": {"identity": f"the-{name}", "location": f"https://example.org/{name}.git"},
                "state": {"checkoutState": state} if state else {"name": "edited"}, "subpath": name,
            } for name, state in states.items()]}}))

    def test_the_packages_of_what_is_linked_are_found_and_no_others(self):
        found = swift_packages(self.binary)
        self.assertEqual(
            [(each.name, each.version, each.purl, each.commit) for each in found], [
                ("swift", "9.8.7", "pkg:swift/github.com/swiftlang/swift@9.8.7", None),
                ("the-one", "1.0.1", "pkg:swift/example.org/one@1.0.1", "abc"),
                ("the-two", "def", "pkg:swift/example.org/two@def", "def")])
        self.assertEqual([path.name for path in found[1].notices], ["LICENSE.txt", "NOTICE"])

    def test_the_archives_that_are_linked_are_those_that_the_build_has_left(self):
        self.assertEqual(archives(self.binary), [])
        self.write("archives/libb.a", "")
        self.write("archives/liba.a", "")
        self.write("archives/libc.so", "")
        self.assertEqual([path.name for path in archives(self.binary)], ["liba.a", "libb.a"])

    def test_what_nobody_knows_is_refused(self):
        faults = {
            "is not where SwiftPM has built it": lambda: (self.build / "workspace-state.json").unlink(),
            "does not tell what it was compiled from": lambda: self.link("Own", "Another"),
            "not all of one, two are dependencies": lambda: self.state(one={"revision": "abc"}),
            "the-one is edited": lambda: self.state(one=None, two={"revision": "def"}),
            "does not tell which Swift": lambda: self.binary.write_text(""),
        }
        for text, spoil in faults.items():
            self.setUp()
            spoil()
            with self.assertRaisesRegex(Unknown, text):
                swift_packages(self.binary)


@unittest.skipUnless(BINARY, "no --binary")
class TheCollectedRoot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.folder = pathlib.Path(made.name)
        cls.environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
        cls.layer = cls.collect("root")
        cls.bill = json.loads((cls.folder / "root" / BILL).read_text())

    @classmethod
    def collect(cls, name, more={}, **options):
        subprocess.run([COLLECT, BINARY, cls.folder / name], check=True, env=cls.environment | more, **options)
        return Layer(cls.folder / name)

    def test_it_is_the_same_layer_every_time(self):
        again = self.collect("again", {"TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": "/"}, umask=0o077, cwd="/")
        self.assertEqual(again.digest, self.layer.digest)
        later = self.collect("later", {"SOURCE_DATE_EPOCH": "1700000000"})
        self.assertNotEqual(later.digest, self.layer.digest)
        self.assertEqual({path.lstat().st_mtime for path in (self.folder / "later").rglob("*")}, {1700000000.0})

    def test_its_bill_of_materials_has_what_is_in_it(self):
        version = subprocess.run([BINARY, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
        self.assertEqual(self.bill["metadata"]["component"]["version"], version)
        packages = {each["name"]: each for each in self.bill["components"]}
        debian = {name for name, each in packages.items() if each["purl"].startswith("pkg:deb/debian/")}
        self.assertEqual(debian, {"libc-ares2", "libc6", "libgcc-s1", "libstdc++-12-dev"})
        for name in debian:
            installed = subprocess.run(
                ["dpkg-query", "--show", "--showformat=${Version}", name], check=True, capture_output=True, text=True)
            self.assertEqual(packages[name]["version"], installed.stdout)
            self.assertIn(f"@{urllib.parse.quote(installed.stdout)}?", packages[name]["purl"])
        # The load generator's and the tests' alone.
        self.assertNotIn("swift-argument-parser", packages)
        self.assertLessEqual({"swift", "swift-nio", "swift-log", "swift-configuration"}, set(packages))
        [relation] = self.bill["dependencies"]
        self.assertEqual(relation["dependsOn"], [each["bom-ref"] for each in self.bill["components"]])

    def test_every_package_in_it_has_its_licence_with_it(self):
        licensed = {path.name for path in (self.folder / "root/usr/share/doc").iterdir() if any(path.iterdir())}
        # Swift's own libraries may be passed on in programs without it (the exception in its licence).
        self.assertEqual({each["name"] for each in self.bill["components"]} - {"swift"}, licensed)

    def test_a_folder_with_something_in_it_is_left_alone(self):
        (self.folder / "full/x").mkdir(parents=True)
        refused = subprocess.run([COLLECT, BINARY, self.folder / "full"], capture_output=True, text=True)
        self.assertEqual((refused.returncode, [path.name for path in (self.folder / "full").iterdir()]), (1, ["x"]))
        self.assertIn("is not empty", refused.stderr)
