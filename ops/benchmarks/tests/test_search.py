"""The search for the highest load, and the conclusions from its trials, on invented relays."""

import unittest

from sizing.search import MOST_TRIALS, Capacity, Finding, Standing, Trial, conclude, ends, judge, most_rooms, next_rooms

QUIET = Trial(10, 0.1, 0.002, 3200, 14_000_000, 0.3, 1.0)


def trial(rooms, **changes):
    return QUIET._replace(rooms=rooms, cpu=rooms / 100, **changes)


class Machine:
    """A relay that takes a fixed time for each room, and on which latencies rise from some number of rooms on."""

    def __init__(self, cpu_per_room, late_from=10**9, load_ends_at=10**9):
        self.cpu_per_room, self.late_from, self.load_ends_at = cpu_per_room, late_from, load_ends_at

    def trial(self, rooms):
        return QUIET._replace(
            rooms=rooms, cpu=rooms * self.cpu_per_room, p99_seconds=0.050 if rooms >= self.late_from else 0.002,
            load_share=1.0 if rooms >= self.load_ends_at else 0.5)

    def search(self, most_cpu, start=4, most=2000):
        trials = []
        while (rooms := next_rooms(trials, most_cpu, start, most)) is not None:
            assert rooms not in [each.rooms for each in trials], trials
            trials.append(self.trial(rooms))
        return trials


class Judging(unittest.TestCase):
    def assertJudged(self, standing, reason, **changes):
        self.assertEqual(judge(QUIET._replace(**changes), most_cpu=0.8), Finding(standing, reason))

    def test_what_is_within_all_limits_holds(self):
        self.assertJudged(Standing.HOLDS, "")
        self.assertJudged(Standing.HOLDS, "", cpu=0.8, p99_seconds=0.010, load_share=0.9, sent_share=0.98)

    def test_each_limit_that_is_exceeded_is_named(self):
        self.assertJudged(Standing.FAILS, "CPU", cpu=0.81)
        self.assertJudged(Standing.FAILS, "p99", p99_seconds=0.0101)
        self.assertJudged(Standing.FAILS, "messages were missing", failure="lost 3", sent_share=0, load_share=0)

    def test_a_load_that_does_not_keep_up_proves_nothing_about_the_relay(self):
        for changes in [{"load_share": 0.95}, {"sent_share": 0.9}]:
            self.assertJudged(Standing.UNDECIDED, "the load was the limit", p99_seconds=1, **changes)

    def test_who_is_disturbed_may_be_late_without_fault_but_holds_if_it_holds(self):
        self.assertJudged(Standing.HOLDS, "", severity=5)
        self.assertJudged(Standing.UNDECIDED, "the machine was disturbed", severity=5, p99_seconds=1)
        self.assertJudged(Standing.UNDECIDED, "the machine was disturbed", severity=5, failure="lost 3")

    def test_processor_time_is_the_relays_own_however_disturbed_it_was(self):
        self.assertJudged(Standing.FAILS, "CPU", severity=5, cpu=0.9, p99_seconds=1)
        self.assertJudged(Standing.FAILS, "CPU", load_share=1, cpu=0.9)


class Searching(unittest.TestCase):
    def test_it_comes_close_to_the_limit_from_wherever_it_starts(self):
        for true, machine in [
                (5, Machine(0.15)), (80, Machine(0.01)), (200, Machine(0.004)), (800, Machine(0.001)),
                (99, Machine(0.001, late_from=100)), (3, Machine(0.01, late_from=4)), (1, Machine(0.8))]:
            for start in [4, 64]:
                trials = machine.search(most_cpu=0.8, start=start)
                held, above = ends(trials, 0.8)
                with self.subTest(true=true, start=start, trials=[each.rooms for each in trials]):
                    self.assertLessEqual(len(trials), MOST_TRIALS)
                    self.assertLessEqual(held.rooms, true)
                    self.assertGreater(above.rooms, true)
                    self.assertLessEqual(above.rooms - held.rooms, max(1, 0.1 * held.rooms))

    def test_it_never_tries_more_than_it_may_and_ends_there(self):
        trials = Machine(0.0001).search(most_cpu=0.8, most=300)
        self.assertEqual(trials[-1].rooms, 300)
        self.assertEqual(max(each.rooms for each in trials), 300)
        self.assertEqual(Machine(0.0001).search(most_cpu=0.8, start=64, most=20)[0].rooms, 20)

    def test_where_nothing_holds_it_goes_down_to_one_room_and_ends(self):
        trials = Machine(2).search(most_cpu=0.8, start=64)
        self.assertEqual((trials[-1].rooms, ends(trials, 0.8)[0]), (1, None))

    def test_a_relay_too_quick_for_the_clock_is_no_division_by_zero(self):
        self.assertEqual(next_rooms([QUIET._replace(cpu=0)], 0.8, 4, 2000), 40)

    def test_the_ends_of_trials_that_contradict_each_other_are_those_above_the_highest_that_held(self):
        trials = [trial(10), trial(20, p99_seconds=1), trial(30), trial(40, p99_seconds=1), trial(50, p99_seconds=1)]
        held, above = ends(trials, 0.8)
        self.assertEqual((held.rooms, above.rooms), (30, 40))


class Concluding(unittest.TestCase):
    def test_what_failed_of_the_relay_is_measured(self):
        held, late = trial(60), trial(64, p99_seconds=1)
        self.assertEqual(conclude([held, late], 0.8), Capacity(60, True, "p99", held))

    def test_where_the_load_was_the_limit_the_rest_is_calculated_from_the_time_of_a_room(self):
        held = trial(40)
        self.assertEqual(conclude([held, trial(50, load_share=1)], 0.8), Capacity(80, False, "CPU", held))
        self.assertEqual(conclude([held], 0.8), Capacity(80, False, "CPU", held))

    def test_it_is_calculated_from_the_costliest_of_the_trials_near_the_highest(self):
        starved, busy, few = trial(40)._replace(cpu=0.2), trial(30), trial(10)._replace(cpu=0.3)
        self.assertEqual(conclude([few, busy, starved], 0.8), Capacity(80, False, "CPU", busy))

    def test_no_calculation_takes_back_what_was_seen_to_hold(self):
        trials = [trial(75)._replace(cpu=0.2), trial(60)._replace(cpu=0.75), trial(80, load_share=1)]
        self.assertEqual(conclude(trials, 0.8), Capacity(75, True, "the load was the limit", trials[0]))

    def test_a_larger_machine_is_calculated(self):
        held = trial(60)
        self.assertEqual(conclude([held, trial(64, p99_seconds=1)], 0.8, scale=4), Capacity(240, False, "p99", held))
        self.assertEqual(conclude([held], 0.8, scale=2).rooms, 160)
        self.assertEqual(repr(conclude([held, trial(64, p99_seconds=1)], 0.8, scale=4 / 3).rooms), "80")

    def test_no_room_beyond_the_connections_that_a_relay_takes(self):
        capped = conclude([trial(60), trial(64, p99_seconds=1)], 0.8, scale=4, most_rooms=200)
        self.assertEqual((capped.rooms, capped.is_measured, capped.bound), (200, False, "MAX_CONNECTIONS"))
        self.assertEqual(conclude([trial(60)], 0.8, most_rooms=70)[:3], (70, False, "MAX_CONNECTIONS"))
        self.assertEqual(conclude([trial(60)], 0.8, most_rooms=60)[:3], (60, True, "MAX_CONNECTIONS"))

    def test_no_trial_that_holds_is_no_capacity(self):
        self.assertIsNone(conclude([trial(4, p99_seconds=1)], 0.8))
        self.assertIsNone(conclude([], 0.8))

    def test_a_room_has_all_its_members_or_is_none(self):
        self.assertEqual([most_rooms(count) for count in [8, 9, 17, 20_000]], [0, 1, 1, 2222])
