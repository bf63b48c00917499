"""What the short comparison concludes, for CI."""

import pathlib
import tempfile
import unittest
from types import SimpleNamespace
from unittest import mock

from comparison import short
from comparison.reached import Ledger
from comparison.verdict import find
from invented import AT_MOST, case, outcome


class Concluding(unittest.TestCase):
    def conclude(self, measured, reached=None, rounds=3, kept=("invented",)):
        """With one case, of which the ratio was reached on a machine like this one."""
        one = case("relay", "bun", rounds=rounds, targets=(AT_MOST,))
        lines = []
        with tempfile.TemporaryDirectory() as folder, mock.patch.multiple(
                short, short_cases=lambda: [one], run_case=lambda *_: measured):
            path = pathlib.Path(folder) / "reached.json"
            if reached:
                Ledger(path, "short").keep(
                    [("invented", find(AT_MOST, outcome(reached, metric=AT_MOST.metric)))], {"cores": 2})
            laboratory = SimpleNamespace(cores=[0, 1])
            is_good, findings, alike = short.run(laboratory, Ledger(path, "short"), None, None, None, lines.append)
        self.assertEqual(alike, {"cores": 2})
        self.assertEqual(tuple(name for name, _ in findings), kept)
        return is_good, lines

    def test_a_quiet_machine_fails_below_the_target_or_below_what_was_reached(self):
        for ratio, reached, is_good in [
                (0.7, None, True), (0.95, None, False), (0.7, 0.5, False), (0.52, 0.5, True), (0.7, 0.9, True),
                (0.95, 0.9, False)]:
            measured = outcome(*[ratio] * 3, metric=AT_MOST.metric)
            self.assertEqual(self.conclude(measured, reached)[0], is_good, (ratio, reached))

    def test_a_disturbed_machine_never_fails_and_says_so(self):
        for measured in [
                outcome(2, 2, 2, severity=1.5, metric=AT_MOST.metric),
                outcome(2, 3, 4, 5, metric=AT_MOST.metric),
                outcome(2, metric=AT_MOST.metric, failures={"relay": "late"}, is_proof=False)]:
            is_good, lines = self.conclude(measured, reached=0.5)
            self.assertTrue(is_good)
            self.assertIn("no verdict: the machine was not quiet for 1 of 1 figures", lines)
            self.assertIn("tests: 0", lines)

    def test_a_single_round_is_judged_but_not_kept(self):
        measured = outcome(0.4, metric=AT_MOST.metric)
        self.assertEqual(self.conclude(measured, rounds=1, kept=())[0], True)

    def test_it_says_by_what_it_judges(self):
        measured = outcome(0.4, metric=AT_MOST.metric)
        for reached, words in [(None, "at most 0.8x to reach: met"), (0.5, "at most 0.625x by what was reached: met")]:
            self.assertIn(f"invented: CPU per delivery 0.40x, {words}", self.conclude(measured, reached)[1])
