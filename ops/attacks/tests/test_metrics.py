"""What is read from /metrics."""

import math
import unittest

from metrics import buckets, highest_bucket, increases, milliseconds, parse

COMMON = 'instance="a,b",region="AMS",version="3.0.0"'


def text(*counts, limits=(0, 0)):
    bounds = ["0.00005", "0.05", "1", "+Inf"]
    lines = ["# HELP t_seconds Time.", "# TYPE t_seconds histogram"]
    lines += [f't_seconds_bucket{{{COMMON},le="{bound}"}} {count}' for bound, count in zip(bounds, counts)]
    lines += [f"t_seconds_sum{{{COMMON}}} 0.25", f"t_seconds_count{{{COMMON}}} {counts[-1]}"]
    lines += [f'limits_total{{{COMMON},limit="{name}"}} {count}' for name, count in zip(["rooms", "files"], limits)]
    return "\n".join(lines) + "\n"


class Parsing(unittest.TestCase):
    def test_the_labels_that_all_series_have_are_left_out(self):
        series = parse(text(1, 2, 3, 4, limits=(5, 6)))
        self.assertEqual(series["t_seconds_sum", ()], 0.25)
        self.assertEqual(series["limits_total", (("limit", "rooms"),)], 5)

    def test_numbers_may_have_exponents_and_words_for_infinity(self):
        series = parse('a{instance=""} 1.5e+03\nb{instance=""} +Inf\n')
        self.assertEqual((series["a", ()], series["b", ()]), (1500, math.inf))


class Histograms(unittest.TestCase):
    def test_a_bucket_has_what_the_ones_below_have_not(self):
        self.assertEqual(buckets(parse(text(1, 3, 3, 7)), "t_seconds"), {0.00005: 1, 0.05: 2, 1.0: 0, math.inf: 4})

    def test_the_highest_is_the_one_in_which_something_has_happened_meanwhile(self):
        before = parse(text(1, 2, 2, 3))
        for counts, highest in [
                ((1, 2, 2, 3), 0.0), ((9, 10, 10, 11), 0.00005), ((1, 3, 3, 4), 0.05), ((1, 3, 4, 5), 1.0),
                ((2, 3, 3, 5), math.inf)]:
            with self.subTest(counts=counts):
                self.assertEqual(highest_bucket(before, parse(text(*counts)), "t_seconds"), highest)

    def test_one_that_did_not_exist_before_began_at_zero(self):
        self.assertEqual(highest_bucket({}, parse(text(0, 1, 1, 1)), "t_seconds"), 0.05)


class Counters(unittest.TestCase):
    def test_only_what_has_grown_is_told(self):
        before, after = parse(text(0, 0, 0, 0, limits=(5, 6))), parse(text(0, 0, 0, 0, limits=(5, 8)))
        self.assertEqual(increases(before, after, "limits_total"), {"files": 2})


class Words(unittest.TestCase):
    def test_the_last_bucket_has_no_bound(self):
        self.assertEqual([milliseconds(math.inf), milliseconds(0.05), milliseconds(0.0001)], ["more", "50", "0.1"])
