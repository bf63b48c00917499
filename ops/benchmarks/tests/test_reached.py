"""What was last reached: its file, and how it compares."""

import json
import pathlib
import tempfile
import unittest

from comparison.cases import Target
from comparison.reached import Change, Ledger, Reached, compare, row
from comparison.spread import Spread
from comparison.verdict import find
from invented import AT_LEAST, AT_MOST, outcome

BEFORE = Reached(1.0, 0.95, 1.05)


class Comparing(unittest.TestCase):
    def test_a_change_counts_only_beyond_the_spread_of_then_and_now(self):
        for measured, at_least, at_most in [
                ((1.2, 1.2, 1.2), Change.BETTER, Change.WORSE), ((0.8, 0.8, 0.8), Change.WORSE, Change.BETTER),
                ((1, 1.1, 1.3), Change.SAME, Change.SAME), ((0.7, 0.9, 0.99), Change.SAME, Change.SAME),
                ((1, 1, 1), Change.SAME, Change.SAME)]:
            spread = Spread.of(measured)
            self.assertIs(compare(AT_LEAST, spread, BEFORE), at_least, measured)
            self.assertIs(compare(AT_MOST, spread, BEFORE), at_most, measured)

    def test_a_change_of_a_hundredth_counts_for_nothing_however_narrow_the_spread(self):
        for value, change in [(1.01, Change.SAME), (0.99, Change.SAME), (1.05, Change.WORSE)]:
            self.assertIs(compare(AT_MOST, Spread.of([value] * 5), Reached(1, 1, 1)), change, value)

    def test_what_was_never_measured_is_new(self):
        self.assertIs(compare(AT_MOST, Spread.of([1]), None), Change.NEW)


class Keeping(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "reached.json"

    def keep(self, section="full", target=AT_MOST, ratios=(0.4, 0.5, 0.6), name="a", **surroundings):
        finding = find(target, outcome(*ratios, metric=target.metric))
        Ledger(self.path, section).keep([(name, finding)], surroundings)

    def test_what_is_kept_comes_back_and_the_rest_stays(self):
        self.assertIsNone(Ledger(self.path, "full").reached("a", AT_MOST))
        self.keep(cores=2)
        self.keep(section="short", ratios=(0.7,))
        self.keep(name="b", ratios=(0.9,), cores=4)
        ledger = Ledger(self.path, "full")
        self.assertEqual(ledger.reached("a", AT_MOST), Reached(0.5, 0.45, 0.55))
        self.assertEqual(ledger.reached("b", AT_MOST), Reached(0.9, 0.9, 0.9))
        self.assertEqual(Ledger(self.path, "short").reached("a", AT_MOST).median, 0.7)
        self.assertEqual(ledger.surroundings, {"cores": 4})

    def test_a_figure_is_one_line_and_what_failed_replaces_nothing(self):
        self.keep()
        self.keep(ratios=())
        self.assertIn(f'        "{row(AT_MOST)}": [0.5, 0.45, 0.55]\n', self.path.read_text())
        json.loads(self.path.read_text())

    def test_two_figures_of_one_case_do_not_mix(self):
        other = Target("p99_seconds", 1, at_most=True)
        own = Target("cpu_seconds_per_delivery", 1, at_most=True, reference=None)
        names = {row(target) for target in [AT_MOST, AT_LEAST, other, own]}
        self.assertEqual(len(names), 4)

    def test_it_is_held_where_the_machine_is_alike_and_it_is_more_than_the_target(self):
        self.keep(cores=2, io_uring=True)
        ledger = Ledger(self.path, "full")
        for alike, bound in [
                ({"cores": 2, "io_uring": True}, 0.625), ({"cores": 2}, 0.625), ({"cores": 4}, 0.8),
                ({"cores": 2, "io_uring": False}, 0.8)]:
            self.assertEqual(ledger.held("a", AT_MOST, alike).bound, bound, alike)
        self.assertEqual(ledger.held("other", AT_MOST, {"cores": 2}), AT_MOST)
        self.keep(ratios=(0.9,), cores=2)
        self.assertEqual(Ledger(self.path, "full").held("a", AT_MOST, {"cores": 2}), AT_MOST)

    def test_more_is_more_whichever_way_a_target_goes(self):
        self.keep(target=AT_LEAST, ratios=(2.0,))
        self.assertEqual(Ledger(self.path, "full").held("a", AT_LEAST, {}).bound, 1.6)
        self.keep(target=AT_LEAST, ratios=(1.2,))
        self.assertEqual(Ledger(self.path, "full").held("a", AT_LEAST, {}), AT_LEAST)
