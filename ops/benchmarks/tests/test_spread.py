"""Medians, quartiles and ratios."""

import unittest

from comparison.spread import Spread, paired_ratios, values


class Spreads(unittest.TestCase):
    def test_the_median_is_the_middle_one_and_the_ends_are_the_ends(self):
        spread = Spread.of([5, 1, 4, 2, 100])
        self.assertEqual((spread.median, spread.low, spread.high, spread.count), (4, 1, 100, 5))

    def test_the_quartiles_are_values_of_the_runs_and_one_outlier_does_not_reach_them(self):
        spread = Spread.of([1, 2, 3, 4, 1000])
        self.assertEqual((spread.first_quartile, spread.third_quartile), (2, 4))

    def test_one_run_is_all_of_its_spread(self):
        self.assertEqual(Spread.of([7]), Spread(7, 7, 7, 7, 7, 1))

    def test_the_width_is_that_of_the_quartiles_as_a_part_of_the_median(self):
        self.assertAlmostEqual(Spread.of([8, 9, 10, 11, 12]).relative_width, 0.2)
        self.assertEqual(Spread.of([0, 0]).relative_width, float("inf"))


class Ratios(unittest.TestCase):
    def test_each_is_of_one_round_so_what_slows_a_round_down_cancels_out(self):
        rounds = [{"relay": {"rate": 200}, "bun": {"rate": 100}}, {"relay": {"rate": 20}, "bun": {"rate": 10}}]
        self.assertEqual(paired_ratios(rounds, "relay", "bun", "rate"), [2, 2])

    def test_a_round_in_which_one_is_missing_has_none(self):
        rounds = [
            {"relay": {"rate": 200}}, {"relay": {"rate": None}, "bun": {"rate": 100}},
            {"relay": {"rate": 1}, "bun": {"rate": 0}}]
        self.assertEqual(paired_ratios(rounds, "relay", "bun", "rate"), [])
        self.assertEqual(values(rounds, "bun", "rate"), [100, 0])
