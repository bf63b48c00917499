"""Tests what is found in pages that are made up, and that nothing is found in those of the repository."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from pages import anchors, faults, markdown_files

ROOT = pathlib.Path(__file__).resolve().parents[3]


def found(text):
    """The faults of a page `ops/page.md`, in a repository with one more page and a program."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        (root / "ops/deep").mkdir(parents=True)
        (root / "ops/run").touch()
        (root / "ops/deep/other.md").write_text("# Other\n\n## What's *it* `do` …\n\n## Twice\n\n## Twice\n")
        (root / "ops/page.md").write_text(text)
        return list(faults(root / "ops/page.md", root))


class TheRepository(unittest.TestCase):
    def test_every_link_and_every_path_of_its_pages_leads_somewhere(self):
        pages = markdown_files(ROOT)
        self.assertIn(ROOT / "README.md", pages)
        self.assertEqual([fault for page in pages for fault in faults(page, ROOT)], [])


class TheReadme(unittest.TestCase):
    def setUp(self):
        self.text = (ROOT / "README.md").read_text()

    def test_it_stays_short(self):
        self.assertLessEqual(len(self.text.splitlines()), 170)

    def test_its_last_command_is_the_one_of_ci(self):
        command = re.findall(r"```sh\n(.*?)\n```", self.text, re.DOTALL)[-1]
        self.assertIn(f"exec {command}\n", (ROOT / ".ci/run").read_text())

    def test_its_picture_is_small(self):
        [picture] = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", self.text)
        self.assertLess((ROOT / picture).stat().st_size, 150_000)


class TheChangelog(unittest.TestCase):
    def test_it_begins_with_the_version_of_the_relay(self):
        source = (ROOT / "Sources/RelayServer/RelayVersion.swift").read_text()
        [version] = re.findall(r'current = "([^"]+)"', source)
        self.assertEqual(re.findall(r"(?m)^## (.+)$", (ROOT / "CHANGELOG.md").read_text())[0], version)


class TheTree(unittest.TestCase):
    def test_it_names_every_folder_of_the_sources_and_nothing_else(self):
        [tree] = re.findall(r"```\nSources/\n(.*?)```", (ROOT / "Sources/README.md").read_text(), re.DOTALL)
        named, parent = set(), None
        for indent, folders in re.findall(r"(?m)^( +)(\w[\w-]*/(?:, \w[\w-]*/)*)", tree):
            for folder in folders.split(", "):
                if len(indent) == 2:
                    parent = folder
                named.add({2: "", 4: parent, 6: f"{parent}Transport/"}[len(indent)] + folder)
        there = {f"{path.name}/" for path in (ROOT / "Sources").iterdir() if path.is_dir()}
        self.assertEqual({name for name in named if name.count("/") == 1}, there)
        self.assertEqual([name for name in named if not (ROOT / "Sources" / name).is_dir()], [])
        for module in ["RelayCore", "RelayWire", "RelayCluster", "RelayEngine/Transport"]:
            there = {f"{module}/{path.name}/" for path in (ROOT / "Sources" / module).iterdir() if path.is_dir()}
            self.assertLessEqual(there, named)


class TheSteps(unittest.TestCase):
    def test_the_page_on_the_tests_names_every_step_and_nothing_else(self):
        text = (ROOT / "Tests/README.md").read_text().split("\n## The steps\n")[1].split("\n## ")[0]
        cells = re.findall(r"(?m)^\| (`[^|]+`) \| \d+ \|", text)
        listed = subprocess.run([ROOT / "ops/check", "--list"], check=True, capture_output=True, text=True).stdout
        self.assertEqual(sorted(re.findall(r"`([\w-]+)`", " ".join(cells))), sorted(listed.split()))


class Links(unittest.TestCase):
    def test_what_is_there_is_no_fault(self):
        for text in [
                "[a](deep/other.md)", "[a](deep/other.md#whats-it-do-)", "[a](deep/other.md#twice-1)",
                "# A b\n[a](#a-b)", "[a](deep)", "![a](run)", "[a](run#L3)", "[a]: deep/other.md", '<img src="run">',
                "[a](https://x.example/y#z)",
                "[a](mailto:a@x.example)", "[a](<deep/other.md>)", '[a](run "title")', "`[a](nothing.md)`",
                "```sh\n[a](nothing.md)\n```", "<a id=\"b\"></a>[a](#b)"]:
            with self.subTest(text):
                self.assertEqual(found(text), [])

    def test_what_is_not_there_is_one(self):
        for text, what in [
                ("[a](other.md)", "no such file: other.md"),
                ("[a](deep/other.md#its)", "no such heading: deep/other.md#its"),
                ("[a](deep/other.md#twice-2)", "no such heading: deep/other.md#twice-2"),
                ("[a](#b)", "no such heading: #b"),
                ("```\n# B\n```\n[a](#b)", "no such heading: #b"), ("[a]: other.md", "no such file: other.md"),
                ('<img src="a.png">', "no such file: a.png"), ("[a](../../etc)", "no such file: ../../etc"),
                ("![`a`](a.svg)", "no such file: a.svg")]:
            with self.subTest(text):
                self.assertEqual([fault.split(": ", 1)[1] for fault in found(text)], [what])

    def test_a_fault_is_told_with_its_line(self):
        self.assertEqual(found("# A\n```\nb\n```\n\n[a](c.md)\n"), ["ops/page.md:6: no such file: c.md"])


class Paths(unittest.TestCase):
    def test_a_path_from_the_top_of_the_repository_is_there(self):
        for text, what in [
                ("`ops/run --fast`", []), ("```sh\nops/run && ./ops/deep\n```", []),
                ("`~/ops/x` $HOME/ops/x a/ops/x", []), ("`ops/walk`", ["no such path: ops/walk"]),
                ("```sh\nops/run && Tests/run a\n```", ["no such path: Tests/run"]),
                ("See ops/deep/.", [])]:
            with self.subTest(text):
                self.assertEqual([fault.split(": ", 1)[1] for fault in found(text)], what)


class Headings(unittest.TestCase):
    def test_they_are_named_as_github_does(self):
        self.assertEqual(anchors("# A [b](c) d\n## What happens to a game when …\n### e_f-g, h!\n"),
                         {"a-b-d", "what-happens-to-a-game-when-", "e_f-g-h"})
