"""What is said of an attack's figures."""

import math
import unittest

from verdicts import LOOSE, MIB, STRICT, Latencies, Measured, violations

CALM = Latencies(0.001, 0.002, 0.003, 1000)
GOOD = Measured(
    buffered_limit=96 * MIB, start_bytes=18 * MIB, peak_bytes=160 * MIB, rest_bytes=26 * MIB, fate=None, quiet=CALM,
    health=CALM, longest_turn=0.05)


class Verdicts(unittest.TestCase):
    def test_what_just_reaches_its_bounds_holds(self):
        self.assertEqual(violations(GOOD, STRICT), [])

    def test_each_figure_beyond_its_bound_is_named(self):
        for changed, words in [
                ({"peak_bytes": 160 * MIB + 1}, "peak"), ({"rest_bytes": 26 * MIB + 1}, "rest"),
                ({"quiet": CALM._replace(p99=0.05)}, "quiet p99 50 ms"), ({"longest_turn": 0.1}, "a turn"),
                ({"longest_turn": math.inf}, "a turn"), ({"quiet": Latencies.of([])}, "nothing"),
                ({"fate": "killed by SIGKILL"}, "SIGKILL"), ({"wronged": ("the sender: closed",)}, "the sender")]:
            with self.subTest(changed=changed):
                [found] = violations(GOOD._replace(**changed), STRICT)
                self.assertIn(words, found)

    def test_the_bound_on_memory_follows_the_bound_on_buffers(self):
        self.assertEqual(len(violations(GOOD._replace(buffered_limit=16 * MIB), STRICT)), 1)

    def test_several_faults_are_all_named(self):
        bad = GOOD._replace(peak_bytes=1 << 30, rest_bytes=1 << 30, longest_turn=math.inf, wronged=("a", "b"))
        self.assertEqual(len(violations(bad, STRICT)), 5)

    def test_a_busy_machine_excuses_time_but_neither_memory_nor_a_stall_of_seconds(self):
        slow = GOOD._replace(longest_turn=math.inf, quiet=CALM._replace(p99=2.9))
        self.assertEqual(violations(slow, LOOSE), [])
        self.assertEqual(len(violations(slow._replace(quiet=CALM._replace(p99=3.0)), LOOSE)), 1)
        self.assertEqual(len(violations(slow._replace(peak_bytes=1 << 30), LOOSE)), 1)


class Quantiles(unittest.TestCase):
    def test_they_are_values_of_the_sample(self):
        self.assertEqual(Latencies.of(range(100, 0, -1)), Latencies(51, 100, 100, 100))
        self.assertEqual(Latencies.of(range(1000)), Latencies(500, 990, 999, 1000))

    def test_one_value_is_all_of_them(self):
        self.assertEqual(Latencies.of([3.0]), Latencies(3.0, 3.0, 3.0, 1))

    def test_an_empty_sample_has_none(self):
        self.assertEqual(Latencies.of([]).count, 0)
