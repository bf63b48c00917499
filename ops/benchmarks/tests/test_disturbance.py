"""Tests of reading the use of cores by others from /proc."""

import os
import unittest

from comparison.disturbance import (
    TICKS, CoreTimes, Disturbance, Judgement, Usage, core_times, disturbance, process_seconds, read_core_times,
    read_process_seconds, read_resident_bytes)

STAT = """cpu  99 99 99 99 99 99 99 99 0 0
cpu0 10 20 30 1000 2000 40 50 60 7 8
cpu1 1 2 3 500 600 4 5 6 0 0
cpu10 9000 0 0 0 0 0 0 0 0 0
intr 5
"""


class Counting(unittest.TestCase):
    def test_all_but_idling_waiting_and_stolen_time_is_busy(self):
        self.assertEqual(core_times(STAT, [0]), CoreTimes(150 / TICKS, 60 / TICKS))

    def test_several_cores_are_summed_and_core_1_is_not_core_10(self):
        self.assertEqual(core_times(STAT, [0, 1]), CoreTimes(165 / TICKS, 66 / TICKS))

    def test_a_process_is_read_whatever_its_name_is(self):
        for name in ["relay", "a b", "x) 1 2 3 ("]:
            stat = f"7 ({name}) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 5000 0"
            self.assertEqual(process_seconds(stat), 300 / TICKS, name)

    def test_this_machine_says_it_in_the_same_way(self):
        cores = sorted(os.sched_getaffinity(0))
        self.assertGreater(read_core_times(cores).busy, 0)
        self.assertAlmostEqual(read_process_seconds(os.getpid()), sum(os.times()[:2]), delta=0.5)
        self.assertGreater(read_resident_bytes(os.getpid()), 1_000_000)


class Judging(unittest.TestCase):
    def between(self, busy, stolen, own):
        return disturbance(Usage(100, CoreTimes(50, 5), 1), Usage(110, CoreTimes(50 + busy, 5 + stolen), 1 + own))

    def test_foreign_is_what_the_cores_did_beside_our_own(self):
        found = self.between(busy=8, stolen=0, own=6)
        self.assertAlmostEqual(found.foreign, 0.2)
        self.assertEqual(found.stolen, 0)

    def test_stolen_time_counts_as_it_is(self):
        self.assertAlmostEqual(self.between(busy=5, stolen=1, own=5).stolen, 0.1)

    def test_ticks_that_do_not_match_are_not_less_than_nothing(self):
        self.assertEqual(self.between(busy=5, stolen=0, own=5.2).foreign, 0)

    def test_no_time_at_all_is_no_disturbance(self):
        moment = Usage(100, CoreTimes(50, 5), 1)
        self.assertEqual(disturbance(moment, moment), Disturbance(0, 0))

    def test_the_server_bears_less_than_the_load(self):
        for server, load, is_disturbed in [
                (0.09, 0, False), (0.11, 0, True), (0, 0.24, False), (0, 0.26, True), (0, 0, False)]:
            for judgement in [
                    Judgement(Disturbance(server, 0), Disturbance(load, 0)),
                    Judgement(Disturbance(0, server), Disturbance(0, load))]:
                self.assertEqual(judgement.is_disturbed, is_disturbed, judgement)
                self.assertEqual(judgement.severity > 1, is_disturbed, judgement)
