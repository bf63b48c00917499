"""Servers that are given by their commands."""

import argparse
import sys
import unittest

from comparison import peering
from comparison.cases import all_cases
from comparison.contestants import UNLIMITED
from comparison.rounds import Outcome, Round
from invented import case


class Naming(unittest.TestCase):
    def test_a_command_has_arguments_and_is_found_in_the_path(self):
        for command, words in [
                ("/bin/sh -c 'exec x'", ("/bin/sh", "-c", "exec x")), (sys.executable, (sys.executable,))]:
            self.assertEqual(peering.named_command(f"other={command}").command, words)
        self.assertEqual(peering.named_command("o=sh").command[0][-3:], "/sh")

    def test_it_gets_the_settings_of_the_relay_since_it_may_be_one(self):
        self.assertEqual(
            peering.named_command("before=sh").environment, UNLIMITED | {"RELAY_THREADS": "1"})

    def test_what_is_no_command_or_no_new_name_is_refused(self):
        for text in ["sh", "=sh", "a=", "a=/nowhere/x", "bun=sh", "a b=sh", "a='"]:
            with self.assertRaises((argparse.ArgumentTypeError, ValueError), msg=text):
                peering.named_command(text)


class Measuring(unittest.TestCase):
    def test_it_takes_the_place_of_bun_in_all_cases_and_nothing_is_judged(self):
        peers = [peering.named_command("one=sh"), peering.named_command("two=sh")]
        found = peering.cases(all_cases(20_000).values(), peers)
        self.assertGreater(len(found), 10)
        self.assertNotIn("loops", [each.name for each in found])
        for each in found:
            self.assertEqual((each.contestants, each.targets), (("relay", "one", "two"), ()))
            self.assertTrue(peering.figures(each), each.name)

    def test_its_ratio_is_that_of_the_relay_to_it_by_the_cost_first(self):
        runs = {"relay": {"cpu_seconds_per_delivery": 2e-6, "deliveries_per_second": 3e3},
                "one": {"cpu_seconds_per_delivery": 4e-6, "deliveries_per_second": 2e3}}
        shown = case("relay", "one")._replace(metrics=("deliveries_per_second", "cpu_seconds_per_delivery"))
        text = peering.ratios(shown, Outcome([Round(runs, 0, "")], 0, {}), [peering.named_command("one=sh")])
        self.assertIn("| CPU per delivery, µs | one | 2.00 | 4.00 | 0.50x (0.50x to 0.50x) |", text)
        self.assertLess(text.index("CPU per delivery"), text.index("| deliveries/s"))
        self.assertIn("| 1.50x (", text)
