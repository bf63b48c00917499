"""What connections take of memory, and the tables of CAPACITY.md."""

import pathlib
import re
import subprocess
import sys
import unittest

from sizing import tables
from sizing.bandwidth import Bytes, Compared, playing
from sizing.memory import Held, model, per_connection
from sizing.search import Capacity, Trial
from sizing.sizes import SHARED, SIZES, burst_seconds

HERE = pathlib.Path(__file__).resolve().parent.parent
MEMORY = model(
    14_000_000, [Held(1000, 0, 14_500_000, 6_000_000), Held(10_000, 0, 19_000_000, 60_000_000)],
    Held(9999, 1111, 21_000_000, 60_000_000))
TRIAL = Trial(50, 0.4, 0.004, 16_000, 14_900_000, 0.3, 1.0)


class Memories(unittest.TestCase):
    def test_a_line_through_all_points_is_what_a_connection_takes(self):
        self.assertAlmostEqual(per_connection([Held(0, 0, 1000, 0), Held(10, 0, 6000, 0), Held(20, 0, 11_000, 0)]), 500)
        self.assertAlmostEqual(MEMORY.connection, 500)

    def test_a_room_is_what_seated_connections_take_beyond_those_in_no_room(self):
        self.assertAlmostEqual(MEMORY.room, (21_000_000 - 14_000_000 - 9999 * 500) / 1111)
        self.assertAlmostEqual(MEMORY.member, MEMORY.connection + MEMORY.room / 9)

    def test_of_the_kernels_memory_half_belongs_to_the_load(self):
        self.assertEqual(MEMORY.kernel, 3000)
        self.assertEqual(MEMORY.machine(100, 15_000_000), 15_300_000)

    def test_what_cannot_be_compared_is_an_error(self):
        for seated in [Held(20_000, 2222, 1, 1), Held(9000, 0, 1, 1)]:
            with self.assertRaises(ValueError):
                model(1, [Held(10_000, 0, 1, 1)], seated)


class Sizes(unittest.TestCase):
    def test_four_fifths_of_what_a_machine_may_use_for_long(self):
        self.assertEqual([size.most_cpu for size in SIZES], [0.05, 0.8, 1.6, 3.2])

    def test_a_balance_lasts_by_what_is_used_beyond_the_share(self):
        self.assertIsNone(burst_seconds(0.05))
        self.assertIsNone(burst_seconds(SHARED.share))
        self.assertAlmostEqual(burst_seconds(0.5625), 1000)


class Tables(unittest.TestCase):
    def row(self, capacity, size=SIZES[1]):
        return tables.capacities([(size, capacity)], MEMORY).splitlines()[2].strip("| ").split(" | ")

    def test_a_measured_row_has_the_figures_of_its_trial(self):
        self.assertEqual(self.row(Capacity(50, True, "p99", TRIAL)), [
            "1 core", "50", "**400**", "450", "16,000", "0.40 of 1", "4.0", "15 / 16", "p99; measured"])

    def test_a_calculated_row_says_from_what_and_has_no_latency(self):
        row = self.row(Capacity(400, False, "CPU", TRIAL), SIZES[3])
        self.assertEqual(row, [
            "4 cores", "400", "**3,200**", "3,600", "128,000", "3.20 of 4", "–", "21 / 32",
            "CPU; calculated from 50 rooms"])

    def test_a_size_for_which_nothing_held_is_not_left_out(self):
        self.assertIn("not known", self.row(None)[-1])

    def test_each_trial_is_shown_with_its_verdict(self):
        text = tables.trials([(SIZES[1], 0.8, [TRIAL._replace(rooms=90, p99_seconds=1), TRIAL])])
        self.assertEqual(len(text.splitlines()), 4)
        self.assertIn("| holds |", text.splitlines()[2])
        self.assertIn("| is too much: p99 |", text.splitlines()[3])

    def test_a_trial_that_delivered_nothing_is_shown_too(self):
        lost = TRIAL._replace(deliveries_per_second=0, cpu=0, failure="lost")
        self.assertIn("is too much: messages were missing", tables.trials([(SIZES[1], 0.8, [lost])]))

    def test_bytes_that_were_not_as_calculated_are_told(self):
        def text(measured):
            return tables.bandwidth_table([("playing", playing(), Compared(Bytes(10, 20), measured))])
        self.assertIn("10 and 20 B counted, as calculated", text(Bytes(10, 20)))
        self.assertIn("10 and 21 B counted, **10 and 20 calculated**", text(Bytes(10, 21)))

    def test_an_hour_of_little_traffic_is_not_rounded_to_nothing(self):
        self.assertEqual([tables.hourly(rate) for rate in [115.2, 2000, 214_800]], ["0.4", "7.2", "773"])

    def test_a_burst_lasts_the_shorter_the_more_it_takes(self):
        trials = [TRIAL._replace(rooms=rooms, cpu=rooms / 120) for rooms in [6, 12, 24, 48]]
        rows = tables.bursts([*trials, TRIAL._replace(cpu=0.9), TRIAL._replace(load_share=1)]).splitlines()[2:]
        self.assertEqual([row.split(" | ")[-1].strip(" |") for row in rows], [
            "for ever", "3.7 hours", "61 minutes", "25 minutes", "not known: CPU", "not known: the load was the limit"])

    def test_a_trial_without_balance_is_told_with_its_latency_or_why_there_is_none(self):
        self.assertIn("allows no control group", tables.empty_balance(None))
        self.assertIn("the p99 was 4 ms at 80% of the quota.", tables.empty_balance(TRIAL._replace(cpu=0.05)))
        self.assertIn("of the quota, while others disturbed it.", tables.empty_balance(TRIAL._replace(severity=2)))
        self.assertIn("the load gave up: lost 3.", tables.empty_balance(TRIAL._replace(failure="lost 3\nand more")))

    def test_memory_is_told_by_what_it_is_for(self):
        text = tables.memory_table(MEMORY, Capacity(50, True, "CPU", TRIAL))
        self.assertIn("| a connection in no room | 0.5 |", text)
        self.assertIn("| a member of a room that plays, with its part of all | 2.0 |", text)
        self.assertIn("with its part of all | – |", tables.memory_table(MEMORY, None))

    def test_who_was_disturbed_is_told_with_the_worst(self):
        loud = TRIAL._replace(severity=3, disturbance="a compiler")
        self.assertIn("None of the 1 trials", tables.quiet([TRIAL]))
        self.assertIn("**1 of 2 trials were disturbed by others**, at worst a compiler", tables.quiet([TRIAL, loud]))


class Placing(unittest.TestCase):
    def test_only_what_is_between_the_comments_is_replaced(self):
        text = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n"
        self.assertEqual(tables.replace_between(text, "x", "new"), "a\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nb\n")

    def test_a_text_without_the_place_is_an_error(self):
        for text in ["", "<!-- x: begin -->", "<!-- x: end --><!-- x: begin -->", "<!-- y: begin --><!-- y: end -->"]:
            with self.assertRaises(ValueError):
                tables.replace_between(text, "x", "new")


class Pages(unittest.TestCase):
    def test_the_page_on_operation_shows_the_table_of_the_results(self):
        readme = (HERE.parent / "README.md").read_text()
        shown = readme.split("<!-- capacity: begin -->\n\n")[1].split("\n\n<!-- capacity: end -->")[0]
        self.assertEqual(tables.replace_between(readme, "capacity", shown), readme)
        self.assertEqual(len(shown.splitlines()), 2 + len(SIZES))
        self.assertIn(f"\n{shown}\n", (HERE / "CAPACITY.md").read_text())

    def test_the_page_on_operation_says_what_a_party_sends(self):
        readme = (HERE.parent / "README.md").read_text()
        received, sent, most_received, most_sent = (f"{each / 1000:.0f}" for each in playing())
        self.assertIn(f"the relay sends {sent} kB/s of frames and receives {received}", readme)
        self.assertIn(f"on the wire that is\n{most_sent} and {most_received} kB/s", readme)


class Options(unittest.TestCase):
    def test_what_is_wrong_is_told_before_anything_is_built(self):
        for options, complaint in [
                (["--seconds", "0"], "--seconds: 1 at least"), (["--seconds", "nan"], "--seconds: 1 at least"),
                (["--binary", "/nowhere/relay"], "/nowhere/relay is no program")]:
            done = subprocess.run(
                [sys.executable, str(HERE / "capacity"), *options], env={"PATH": ""}, timeout=60, capture_output=True,
                text=True)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(complaint, done.stderr)
