"""Tests of alternation, and of the handling of disturbed rounds."""

import itertools
import unittest
from unittest import mock

from comparison import rounds
from comparison.rounds import Reserve, Round, most_rounds, order, run_case, select
from invented import DISTURBED, QUIET, Script, case


def run(script, reserve=None):
    """Three rounds of two contestants; returns the outcome, and the number of waits for quiet."""
    with mock.patch.object(rounds, "await_rest") as rest:
        outcome = run_case(case("relay", "bun"), script, reserve or Reserve(1000), lambda *_: None)
    return outcome, rest.call_count


class Alternating(unittest.TestCase):
    def test_each_is_as_often_first_as_the_others(self):
        for contestants in [("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d")]:
            cycle = [order(contestants, number) for number in range(2 * len(contestants))]
            for place in range(len(contestants)):
                found = sorted(turn[place] for turn in cycle)
                self.assertEqual(found, sorted(contestants * 2), (contestants, place))

    def test_a_quiet_machine_runs_just_the_rounds_that_are_wanted(self):
        script = Script(relay=[], bun=[])
        outcome, rests = run(script)
        self.assertEqual(script.measured, ["relay", "bun", "bun", "relay", "bun", "relay"])
        self.assertEqual((len(outcome.rounds), outcome.set_aside, outcome.disturbed, rests), (3, 0, 0, 0))


class Repeating(unittest.TestCase):
    def test_a_round_with_one_disturbed_run_is_repeated_whole_and_set_aside(self):
        outcome, rests = run(Script(relay=[], bun=[QUIET, DISTURBED]))
        self.assertEqual((len(outcome.rounds), outcome.set_aside, outcome.disturbed, rests), (3, 1, 0, 0))

    def test_repetition_ends_and_what_stays_disturbed_is_counted(self):
        script = Script(relay=[DISTURBED] * 100, bun=[])
        outcome, rests = run(script)
        self.assertEqual(len(script.measured), 2 * most_rounds(3))
        self.assertEqual((len(outcome.rounds), outcome.set_aside, outcome.disturbed, rests), (3, 2, 3, 2))
        self.assertIn("relay", outcome.rounds[0].disturbance)

    def test_no_more_is_repeated_than_the_reserve_of_time_allows(self):
        # A clock that goes on by ten seconds whenever it is looked at.
        ticking = itertools.count(0, 10)
        for seconds, repetitions in [(0, 0), (5, 1), (15, 2)]:
            script = Script(relay=[DISTURBED] * 100, bun=[])
            outcome, rests = run(script, Reserve(seconds, lambda: next(ticking)))
            self.assertEqual((outcome.set_aside, rests, len(outcome.rounds)), (repetitions, repetitions, 3), seconds)

    def test_the_bound_is_half_as_many_again(self):
        self.assertEqual([most_rounds(wanted) for wanted in [1, 3, 7]], [2, 5, 11])

    def test_quiet_rounds_are_taken_first_and_then_the_least_disturbed_in_their_order(self):
        severities = [3, 0.2, 9, 0.9, 2, 0.1]
        all_rounds = [Round({}, severity, "") for severity in severities]
        self.assertEqual([each.severity for each in select(all_rounds, 3)], [0.2, 0.9, 0.1])
        self.assertEqual([each.severity for each in select(all_rounds, 5)], [3, 0.2, 0.9, 2, 0.1])

    def test_among_quiet_rounds_the_earlier_ones_count_and_not_the_quieter(self):
        all_rounds = [Round({}, severity, "") for severity in [0.9, 0.8, 0.1]]
        self.assertEqual([each.severity for each in select(all_rounds, 2)], [0.9, 0.8])


class Failing(unittest.TestCase):
    def test_who_fails_once_gets_a_second_chance(self):
        outcome, _ = run(Script(relay=[], bun=["fails"]))
        self.assertEqual(outcome.failures, {})
        self.assertTrue(all({"relay", "bun"} == set(each.runs) for each in outcome.rounds))

    def test_who_fails_twice_is_out_and_the_others_go_on(self):
        script = Script(relay=[], bun=["fails", "fails"])
        outcome, _ = run(script)
        self.assertEqual(list(outcome.failures), ["bun"])
        self.assertEqual([set(each.runs) for each in outcome.rounds], [{"relay"}] * 3)
        self.assertEqual(script.measured.count("bun"), 2)

    def test_a_failure_proves_something_if_the_machine_was_quiet_or_the_server_ended(self):
        for step, is_proof in [("fails", True), ("fails disturbed", False), ("ends disturbed", True)]:
            outcome, _ = run(Script(relay=[], bun=[step] * 2))
            self.assertEqual(outcome.failures["bun"].is_proof, is_proof, step)

    def test_when_nobody_stands_it_that_is_the_end(self):
        outcome, _ = run(Script(relay=["fails"] * 9, bun=["fails"] * 9))
        self.assertEqual(set(outcome.failures), {"relay", "bun"})
        self.assertEqual(outcome.rounds[0].runs, {})
