"""Tests of the content of RESULTS.md, and of the fit of its template and the figures."""

import json
import pathlib
import re
import tempfile
import unittest

from comparison import report
from comparison.cases import all_cases, all_curves, connections_that_fit, short_cases
from comparison.contestants import CONTESTANTS, PEERS
from comparison.drawing import drawing
from comparison.limit import COSTS
from comparison.metrics import METRICS
from comparison.reached import Ledger, Reached, row
from comparison.store import Store
from invented import AT_LEAST, AT_MOST, case, outcome

HERE = pathlib.Path(__file__).resolve().parent.parent
CASES, CURVES = all_cases(open_files=20_000), all_curves(open_files=20_000)


class Memory:
    """A store of what is handed to it."""

    def __init__(self, **outcomes):
        self.outcomes = outcomes

    def outcome(self, name):
        return self.outcomes.get(name)


class Known:
    """A ledger in which one figure is all that was ever reached."""

    def __init__(self, reached):
        self.figure = reached

    def reached(self, case_name, target):
        return self.figure


NOTHING = Known(None)


def shares(measured, server, load):
    """The same outcome, with these shares of a core, and a cost and a latency."""
    more = {"server_share": server, "load_share": load, "cpu_seconds_per_delivery": 1e-6, "p50_seconds": 0.001}
    return measured._replace(rounds=[
        each._replace(runs={name: run | more for name, run in each.runs.items()}) for each in measured.rounds])


class Tables(unittest.TestCase):
    def test_a_target_stands_beside_what_was_measured(self):
        text = report.targets([case("relay", "bun")], Memory(invented=outcome(1.6, 1.7, 1.8)), NOTHING)
        self.assertIn("| 1.5x | **1.70x** | 1.65x to 1.75x (1.60x to 1.80x) | yes | – | new |", text)

    def test_a_missed_one_says_so(self):
        text = report.targets([case("relay", "bun")], Memory(invented=outcome(1.2)), NOTHING)
        self.assertIn("| **no** |", text)
        self.assertNotIn("yes", text)

    def test_one_that_was_not_measured_is_not_left_out(self):
        self.assertIn("not measured", report.targets([case("relay", "bun")], Memory(), NOTHING))
        text = report.targets([case("relay", "bun")], Memory(invented=outcome()), NOTHING)
        self.assertIn("a server failed", text)

    def test_what_was_last_reached_stands_beside_it_with_the_verdict(self):
        for ratios, severity, cells in [
                ((2.2, 2.2), 0, "| 2.00x | better |"), ((2, 2.1), 0, "| 2.00x | as before |"),
                ((1.6, 1.6), 0, "| 2.00x | **worse** |"), ((1.6, 1.6), 2, "| 2.00x | **worse**, disturbed |")]:
            memory = Memory(invented=outcome(*ratios, severity=severity))
            text = report.targets([case("relay", "bun")], memory, Known(Reached(2, 1.95, 2.05)))
            self.assertIn(cells, text, ratios)
        for is_proof in [True, False]:
            fallen = Memory(invented=outcome(failures={"relay": "died"}, is_proof=is_proof))
            text = report.targets([case("relay", "bun")], fallen, Known(Reached(2, 2, 2)))
            self.assertEqual("**worse**" in text, is_proof)

    def test_the_source_of_what_was_reached_is_one_sentence(self):
        known = {"processor": "some processor", "measured": "a day", "commit": "c0ffee", "cores": 2}
        self.assertEqual(report.source(known), "a day on some processor, commit c0ffee.")
        self.assertEqual(report.source({}), "no earlier comparison.")

    def test_a_rate_that_the_load_has_held_back_is_not_missed(self):
        limit = "the load was the limit"
        for share, load, cell in [(1, 0.5, "**no**"), (0.7, 0.5, limit), (1, 0.95, limit)]:
            held_back = Memory(invented=shares(outcome(1.2), share, load))
            text = report.targets([case("relay", "bun")], held_back, Known(Reached(2, 2, 2)))
            self.assertIn(f"| {cell} | 2.00x | {'–' if cell == limit else '**worse**'} |", text)

    def test_the_cost_comes_first_where_the_load_was_the_limit_and_only_there(self):
        metrics = ("deliveries_per_second", "p50_seconds", "cpu_seconds_per_delivery")
        costly = case("relay", "bun")._replace(metrics=metrics)
        for share, first in [(1, "|  | deliveries/s"), (0.7, "|  | CPU per delivery")]:
            text = report.case_section(costly, Memory(invented=shares(outcome(1), share, 0.5)))
            self.assertIn(first, text)
            self.assertEqual("was the limit of Party-Sockets, Bun." in text, share < 1)

    def test_disturbed_rounds_that_count_are_told_with_who_disturbed(self):
        quiet, loud = outcome(1, 2), outcome(1, 2, severity=3)
        self.assertIn("2 rounds are in these figures; 0 more", report.disturbances(["a"], Memory(a=quiet)))
        self.assertIn("- `b`: 2 of 2 rounds, at worst somebody", report.disturbances(["a", "b"], Memory(a=quiet, b=loud)))

    def test_who_fell_over_is_told_with_the_cause(self):
        text = report.case_section(case("relay", "bun"), Memory(invented=outcome(1, failures={"bun": "lost 3\nmore"})))
        self.assertIn("Bun took no part to the end: lost 3", text)


    def test_a_case_that_is_no_matter_of_rates_keeps_its_order(self):
        steady = case("relay", "bun")._replace(metrics=("p50_seconds", "cpu_seconds_per_delivery"))
        text = report.case_section(steady, Memory(invented=shares(outcome(1), 0.1, 0.1)))
        self.assertIn("|  | p50, ms | CPU per delivery", text)
        self.assertNotIn("was the limit", text)


class CurveTables(unittest.TestCase):
    def test_a_curve_has_a_row_for_each_point_measured_or_not(self):
        measured = outcome(1, metric="cpu_seconds_per_delivery")
        text = report.curve_table(CURVES["rooms"], Memory(**{"rooms-10": measured}))
        self.assertEqual(len(text.splitlines()), 2 + len(CURVES["rooms"].points))
        self.assertEqual(text.count("not measured"), 2 * (len(CURVES["rooms"].points) - 1))
        self.assertNotIn("sends", text)

    def test_sends_stand_beside_it_where_the_relay_counts_them(self):
        measured = outcome(1, metric="cpu_seconds_per_delivery")
        measured.runs[0]["relay"]["sends_per_delivery"] = 0.253
        self.assertIn("| 0.25 |", report.curve_table(CURVES["rooms"], Memory(**{"rooms-10": measured})))


class Template(unittest.TestCase):
    def test_it_has_a_place_for_each_part_and_no_other(self):
        names = {
            "machine", "targets", "reached", "cases", "cases-large", "loops", "disturbances", "most-on-server",
            "most-on-load", *(f"curve-{name}" for name in CURVES)}
        filled = report.fill((HERE / "RESULTS.template.md").read_text(), {name: "THE PART" for name in names})
        self.assertEqual(filled.count("THE PART"), len(names))
        self.assertNotIn("{{", filled)

    def test_a_part_without_a_place_and_a_place_without_a_part_are_errors(self):
        for template, parts in [("{{a}} {{b}}", {"a": ""}), ("{{a}}", {"a": "", "b": ""})]:
            with self.assertRaises(ValueError):
                report.fill(template, parts)

    def test_what_is_filled_in_is_not_read_as_a_place(self):
        self.assertEqual(report.fill("{{a}}", {"a": "{{b}}"}), "{{b}}")

    def test_the_plots_that_it_shows_are_those_that_are_drawn(self):
        shown = re.findall(r"\(plots/([\w-]+)\.svg\)", (HERE / "RESULTS.template.md").read_text())
        self.assertEqual(sorted(shown), sorted(["targets", *CURVES]))


class Consistency(unittest.TestCase):
    def test_cases_speak_only_of_contestants_and_metrics_that_there_are(self):
        cases = [*CASES.values(), *short_cases(), *(c.case(p) for c in CURVES.values() for p in c.points)]
        for each in cases:
            self.assertLessEqual(set(each.contestants), set(CONTESTANTS), each.name)
            self.assertLessEqual(set(each.metrics), set(METRICS), each.name)
            for target in each.targets:
                self.assertIn(target.metric, each.metrics, each.name)
                self.assertIn(target.subject, each.contestants, each.name)
                self.assertIn(target.reference, (None, *each.contestants), each.name)

    def test_all_is_measured_with_five_rounds_at_least_where_there_is_a_target(self):
        self.assertTrue(all(each.rounds >= 5 for each in CASES.values() if each.targets))

    def test_each_case_of_a_load_has_a_bound_on_the_servers_own_cost(self):
        for each in [*CASES.values(), *short_cases()]:
            if each.has_rate and each.name != "loops":
                self.assertTrue(any(target.metric in COSTS for target in each.targets), each.name)

    def test_what_was_reached_is_known_for_all_that_is_judged_and_for_nothing_else(self):
        short = {each.name: each.targets for each in short_cases() if each.rounds > 1}
        full = {each.name: each.targets for each in CASES.values() if each.targets}
        for section, expected in [("full", full), ("short", short)]:
            known = Ledger(HERE / "reached.json", section).cases
            for name, figures in known.items():
                self.assertLessEqual(set(figures), set(map(row, expected.get(name, ()))), (section, name))

    def test_connections_leave_files_to_the_server_for_itself(self):
        for open_files, fit in [(1_000_000, 20_000), (20_000, 19_700), (1024, 700)]:
            self.assertEqual(connections_that_fit(20_000, open_files), fit)

    def test_the_peers_are_there(self):
        self.assertEqual(sorted(path.name for path in PEERS.iterdir()), ["bun-relay.ts", "python-relay.py"])


class Drawing(unittest.TestCase):
    def test_targets_are_drawn_as_times_reached_whichever_way_they_go(self):
        cases = [case("relay", "bun", targets=(AT_LEAST,))]
        [row] = drawing(cases, [], Memory(invented=outcome(3.0)))["targets"]
        self.assertEqual(row["median"], 2)
        cases = [case("relay", "bun", targets=(AT_MOST,))]
        [row] = drawing(cases, [], Memory(invented=outcome(0.4, metric=AT_MOST.metric)))["targets"]
        self.assertAlmostEqual(row["median"], 2)

    def test_a_rate_that_the_load_has_held_back_is_not_drawn(self):
        cases = [case("relay", "bun", targets=(AT_LEAST,))]
        for server_share, count in [(1, 1), (0.5, 0)]:
            measured = shares(outcome(3.0), server_share, 0.5)
            self.assertEqual(len(drawing(cases, [], Memory(invented=measured))["targets"]), count)

    def test_a_curve_has_its_points_in_the_unit_that_its_axis_names(self):
        curve = CURVES["rooms"]
        point = outcome(1, 3, metric="cpu_seconds_per_delivery")
        [drawn] = drawing([], [curve], Memory(**{"rooms-10": point}))["curves"]
        self.assertEqual(drawn["lines"][0]["points"], [[10, 200e6, 100e6, 300e6]])
        self.assertIn("µs", drawn["value"])


class Stored(unittest.TestCase):
    def test_what_is_kept_comes_back_and_another_machine_or_state_starts_afresh(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "results/comparison.json"
            kept = outcome(1.5, 1.6, severity=0.5, failures={"python": "lost"})
            Store(path, {"commit": "a"}).keep("invented", kept)
            again = Store(path, {"commit": "a"})
            self.assertEqual(again.outcome("invented"), kept)
            self.assertIsNone(again.outcome("other"))
            self.assertEqual(len(set(again.moments())), 1)
            self.assertEqual(again.values_of("bun", "deliveries_per_second"), [100, 100])
            self.assertIsNone(Store(path, {"commit": "b"}).outcome("invented"))
            json.loads(path.read_text())
