"""Tests of the placement on cores."""

import unittest

from comparison.placement import most_server_cores, place


class Placing(unittest.TestCase):
    def test_one_core_is_not_enough(self):
        self.assertIsNone(place([3]))

    def test_on_each_machine_the_server_is_alone_and_the_load_gets_two_if_there_are_any(self):
        for count, wanted, server, load, script in [
                (2, 1, (1,), (0,), (0,)), (2, 2, (1,), (0,), (0,)), (3, 1, (1,), (0, 2), (0, 2)),
                (4, 1, (1,), (2, 3), (0,)), (4, 2, (1, 2), (0, 3), (0, 3)), (4, 4, (1, 2), (0, 3), (0, 3)),
                (8, 4, (1, 2, 3, 4), (5, 6, 7), (0,))]:
            self.assertEqual(tuple(place(list(range(count)), wanted)), (server, load, script), (count, wanted))

    def test_nobody_gets_a_core_that_this_process_may_not_use(self):
        placement = place([4, 6, 9, 11])
        self.assertEqual((placement.server, placement.load, placement.script), ((6,), (9, 11), (4,)))

    def test_a_server_with_several_loops_leaves_two_cores_to_the_load(self):
        self.assertEqual([most_server_cores(range(count), 4) for count in [2, 4, 5, 6, 16]], [1, 2, 3, 4, 4])
