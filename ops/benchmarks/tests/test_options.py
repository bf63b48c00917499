"""What is wrong with the options of the comparison is told before anything is built or measured."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

COMPARE = pathlib.Path(__file__).resolve().parent.parent / "compare"


class Options(unittest.TestCase):
    def complaint(self, *options):
        """Of a comparison that finds no compiler: had it come as far as the build, it would complain of that."""
        with tempfile.TemporaryDirectory() as nothing:
            done = subprocess.run(
                [sys.executable, str(COMPARE), *options], env=os.environ | {"PATH": nothing}, timeout=60,
                capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_a_case_that_is_not_there(self):
        self.assertIn("no case or curve is called nonsense; there are state-50x4, ", self.complaint("--only", "nonsense"))

    def test_a_peer_that_is_not_there_or_is_to_be_kept(self):
        self.assertIn("/nowhere/server is no program", self.complaint("--peer", "other=/nowhere/server"))
        for option in ["--keep", "--short", "--report"]:
            self.assertIn("--peer: its figures are not kept", self.complaint("--peer", "other=/bin/sh", option))
        self.assertIn("no case is called loops; there are state-50x4", self.complaint(
            "--peer", "other=/bin/sh", "--only", "loops"))

    def test_no_rounds(self):
        for rounds in ["0", "-1"]:
            self.assertIn("--rounds: 1 at least", self.complaint("--only", "fresh", "--rounds", rounds))

    def test_a_program_that_is_not_there(self):
        for option in ["--binary", "--load"]:
            for path in ["/nowhere/relay", "/"]:
                self.assertIn(f"{path} is no program", self.complaint("--only", "fresh", option, path))
