"""Met, missed, or noise."""

import unittest

from comparison.cases import Target
from comparison.verdict import MOST_RELATIVE_WIDTH, Verdict, find, judge
from invented import AT_LEAST, AT_MOST, outcome


def verdict(measured, target=AT_LEAST):
    return judge(find(target, measured), measured)


class Finding(unittest.TestCase):
    def test_a_target_is_met_by_the_median_of_the_rounds_ratios(self):
        for ratios, is_met in [((1.4, 1.5, 9), True), ((1.6, 1.49, 1.2), False)]:
            self.assertEqual(find(AT_LEAST, outcome(*ratios)).is_met, is_met, ratios)

    def test_what_should_be_small_is_met_from_below(self):
        for ratios, is_met in [((0.7, 0.8, 0.9), True), ((0.7, 0.81, 0.9), False)]:
            found = find(AT_MOST, outcome(*ratios, metric=AT_MOST.metric))
            self.assertEqual(found.is_met, is_met, ratios)

    def test_a_bound_on_a_value_needs_no_other_server(self):
        target = Target("fresh_bytes", 150, at_most=True, reference=None)
        self.assertTrue(find(target, outcome(1.4, metric="fresh_bytes")).is_met)
        self.assertFalse(find(target, outcome(1.6, metric="fresh_bytes")).is_met)

    def test_what_was_not_measured_is_not_met(self):
        found = find(AT_LEAST, outcome(2, metric="something_else"))
        self.assertIsNone(found.spread)
        self.assertFalse(found.is_met or found.is_met_with_tolerance)


class Judging(unittest.TestCase):
    def test_a_tenth_below_the_target_is_let_pass_and_more_is_not(self):
        for ratio, expected in [(1.5, Verdict.MET), (1.36, Verdict.MET), (1.34, Verdict.MISSED)]:
            self.assertIs(verdict(outcome(ratio, ratio, ratio)), expected, ratio)
        for ratio, expected in [(0.8, Verdict.MET), (0.88, Verdict.MET), (0.9, Verdict.MISSED)]:
            measured = outcome(ratio, ratio, ratio, metric=AT_MOST.metric)
            self.assertIs(verdict(measured, AT_MOST), expected, ratio)

    def test_a_disturbed_machine_proves_no_loss(self):
        self.assertIs(verdict(outcome(1, 1, 1, severity=1.1)), Verdict.NOISE)
        self.assertIs(verdict(outcome(1, 1, 1, severity=0.9)), Verdict.MISSED)

    def test_rounds_that_differ_too_much_prove_no_loss(self):
        self.assertIs(verdict(outcome(0.8, 0.9, 1, 1.1, 1.2)), Verdict.NOISE)
        self.assertIs(verdict(outcome(0.98, 0.99, 1, 1.01, 1.02)), Verdict.MISSED)
        self.assertLess(MOST_RELATIVE_WIDTH, 0.2)

    def test_what_reaches_the_target_in_spite_of_noise_has_reached_it(self):
        self.assertIs(verdict(outcome(1.4, 2, 3, severity=5)), Verdict.MET)

    def test_a_server_that_falls_over_is_no_noise_whatever_it_reached_before(self):
        for measured in [
                outcome(failures={"relay": "died"}), outcome(failures={"bun": "died"}),
                outcome(1, severity=9, failures={"relay": "died"}), outcome(9, failures={"relay": "died"})]:
            self.assertIs(verdict(measured), Verdict.MISSED)

    def test_what_others_may_have_caused_is_noise(self):
        for measured in [
                outcome(failures={"relay": "late"}, is_proof=False),
                outcome(1, failures={"bun": "late"}, is_proof=False),
                outcome(1, severity=2, metric="something_else")]:
            self.assertIs(verdict(measured), Verdict.NOISE)
