"""What a roll counts as lost, ended or wrong: tables of what players may have seen."""

import unittest

from rolling.account import (
    Game, Messages, Seat, absences_of, is_clean, is_stale, messages_of, spread, summary, wrong_answers)


def seat(slot, opened, closed=None, asked=None, sent=(), heard=(), peers=None, state=None):
    return Seat(
        slot=slot, asked=opened - 0.1 if asked is None else asked, opened=opened, closed=closed,
        peers=tuple(peers) if peers is not None else (), state=state, sent=list(sent), heard=list(heard))


class TheMessages(unittest.TestCase):
    SENT = [(1, 11.0), (2, 12.0), (3, 13.0), (4, 14.0)]

    def test_on_connections_that_were_kept_each_message_arrives_once_and_in_order(self):
        for heard, expected in [
                ([1, 2, 3, 4], (0, 0, 0)), ([1, 2, 4], (1, 0, 0)), ([1, 2, 3], (1, 0, 0)), ([], (4, 0, 0)),
                ([1, 2, 2, 3, 4], (0, 1, 0)), ([1, 3, 2, 4], (0, 0, 1)), ([4, 3, 2, 1], (0, 0, 3))]:
            with self.subTest(heard):
                self.assertEqual(self.judge(heard, closed=None), Messages(4, *expected))

    def test_what_was_sent_shortly_before_an_end_may_be_lost_with_it_but_nothing_in_between(self):
        for heard, expected in [
                ([1, 2, 3, 4], (4, 0, 0, 0)), ([1, 2], (2, 0, 0, 0)), ([], (0, 0, 0, 0)), ([1, 4], (4, 2, 0, 0)),
                ([2, 3], (3, 1, 0, 0)), ([1, 1], (1, 0, 1, 0))]:
            with self.subTest(heard):
                self.assertEqual(self.judge(heard, closed=14.5), Messages(*expected))

    def test_it_does_not_matter_which_of_the_two_connections_ends(self):
        sender, receiver = seat(0, 10, closed=14.5, sent=self.SENT), seat(1, 10, heard=[(0, 1), (0, 3)])
        self.assertEqual(messages_of(Game(seats=[sender, receiver])), Messages(due=3, lost=1))

    def test_what_is_long_overdue_is_lost_though_nothing_later_came_from_its_sender(self):
        # As when a room has become two: the third player is heard, the first is not.
        sender = seat(0, 10, closed=30, sent=self.SENT)
        other = seat(2, 10, closed=30, sent=[(1, 16.5)])
        receiver = seat(1, 10, closed=30, heard=[(2, 1)])
        self.assertEqual(messages_of(Game(seats=[sender, receiver])).lost, 0)
        lost = messages_of(Game(seats=[sender, other, receiver]))
        # Those sent three seconds before what was heard; and the other player has heard nothing from anybody.
        self.assertEqual((lost.due, lost.lost), (4, 3))

    def test_nothing_is_due_from_before_both_sit_there(self):
        for opened, due in [(10, 4), (11.5, 3), (13.5, 1), (15, 0)]:
            with self.subTest(opened):
                heard = [(0, number) for number, moment in self.SENT if moment >= opened]
                game = Game(seats=[seat(0, 10, sent=self.SENT), seat(1, opened, heard=heard)])
                self.assertEqual(messages_of(game), Messages(due=due))

    def test_connections_that_never_met_owe_each_other_nothing(self):
        game = Game(seats=[seat(0, 10, closed=15, sent=self.SENT), seat(1, 16)])
        self.assertEqual(messages_of(game), Messages())

    def test_numbers_go_on_over_a_senders_connections(self):
        first, second = seat(0, 10, closed=12.5, sent=self.SENT[:2]), seat(0, 12.7, sent=self.SENT[2:])
        receiver = seat(1, 10, heard=[(0, 1), (0, 2), (0, 4)])
        self.assertEqual(messages_of(Game(seats=[first, second, receiver])), Messages(due=4, lost=1))

    def judge(self, heard, closed):
        receiver = seat(1, 10, closed=closed, heard=[(0, number) for number in heard])
        return messages_of(Game(seats=[seat(0, 10, sent=self.SENT), receiver]))


class TheAnswers(unittest.TestCase):
    def test_a_room_that_somebody_sits_in_or_gets_into_later_was_there(self):
        for seats, wrong in [
                ([seat(0, 10)], True), ([seat(0, 10, closed=30)], True), ([seat(0, 10, closed=19)], False),
                ([seat(0, 10, closed=20.5)], False), ([seat(0, 10, closed=19), seat(0, 40)], True),
                ([seat(0, 20.3, closed=20.9)], True), ([], False)]:
            with self.subTest(seats):
                game = Game(seats=seats, not_found=[20.0])
                self.assertEqual(wrong_answers(game)["room_not_found"], int(wrong))

    def test_peers_are_those_who_sit_there_and_nobody_else(self):
        for other, peers, wrong in [
                (seat(1, 10), [1], 0), (seat(1, 10), [], 1), (seat(1, 10), [1, 1], 1), (seat(1, 10), [1, 2], 1),
                # Before, or after, or at the same time, as far as the relay may know.
                (seat(1, 10, closed=15), [], 0), (seat(1, 10, closed=15), [1], 0), (seat(1, 20.5), [], 0),
                (seat(1, 20.5), [1], 0), (seat(1, 10, closed=20.2), [], 0), (seat(1, 10, closed=20.2), [1], 0),
                (seat(1, 40), [1], 1)]:
            with self.subTest(f"{other.opened} {other.closed} {peers}"):
                game = Game(seats=[seat(0, 20, peers=peers), other])
                # The other one has its own answer, which is not judged here.
                other.peers = tuple({0} if other.opened > 20 else ())
                self.assertEqual(wrong_answers(game)["peers"], wrong)

    def test_who_has_been_gone_for_long_is_no_peer(self):
        gone = seat(1, 10, closed=20)
        self.assertEqual(wrong_answers(Game(seats=[gone, seat(0, 45, peers=[1])]))["peers"], 0)
        self.assertEqual(wrong_answers(Game(seats=[gone, seat(0, 55, peers=[1])]))["peers"], 1)

    def test_the_state_is_at_least_as_new_as_what_somebody_had_heard(self):
        for states, state, stale in [
                ([], None, False), ([], 3, False), ([(10, 3)], 3, False), ([(10, 3)], 4, False), ([(10, 3)], 2, True),
                ([(10, 3)], None, True), ([(10, 3), (19.95, 4)], 3, False), ([(10, 3), (19.5, 4)], 3, True)]:
            with self.subTest(f"{states} {state}"):
                self.assertEqual(is_stale(Game(states=states), seat(0, 20, state=state)), stale)

    def test_contradictions_count_by_their_kind(self):
        game = Game(contradictions=["slot 3 instead of 1", "peer 2 came twice", "peer 2 left twice"])
        wrong = wrong_answers(game)
        self.assertEqual((wrong["slot"], wrong["peers"]), (1, 2))


class TheSummary(unittest.TestCase):
    def test_an_absence_lasts_from_an_end_to_the_same_slots_next_answer(self):
        game = Game(seats=[
            seat(0, 10), seat(1, 10, closed=20), seat(2, 11, closed=20), seat(1, 21.5, closed=30), seat(1, 30.25)])
        self.assertEqual(absences_of(game), {1: [1.5, 0.25]})

    def test_a_takeover_is_no_absence_that_ends_before_it_begins(self):
        self.assertEqual(absences_of(Game(seats=[seat(1, 10, closed=20.5), seat(1, 20)])), {1: [0.0]})

    def test_the_spread_is_of_values_that_have_been_there(self):
        self.assertEqual(spread([]), {"count": 0, "p50": 0.0, "p99": 0.0, "max": 0.0})
        self.assertEqual(spread([3.0]), {"count": 1, "p50": 3.0, "p99": 3.0, "max": 3.0})
        self.assertEqual(spread(range(200)), {"count": 200, "p50": 100, "p99": 198, "max": 199})

    def test_a_roll_is_clean_only_if_nothing_at_all_was_lost_or_wrong(self):
        clean = Game(seats=[seat(0, 10, sent=[(1, 11)]), seat(1, 10, heard=[(0, 1)])])
        self.assertTrue(is_clean(summary([clean, clean])))
        for spoiled in [
                Game(ending="not found"), Game(seats=[seat(0, 10)], not_found=[20]), Game(contradictions=["slot 1"]),
                Game(contradictions=["peer 1 came twice"]), Game(states=[(1, 2)], seats=[seat(0, 10, state=1)]),
                Game(seats=[seat(0, 10, sent=[(1, 11)]), seat(1, 10)]),
                Game(seats=[seat(0, 10, sent=[(1, 11)]), seat(1, 10, heard=[(0, 1), (0, 1)])]),
                Game(seats=[seat(0, 10, sent=[(1, 11), (2, 12)]), seat(1, 10, heard=[(0, 2), (0, 1)])])]:
            with self.subTest(spoiled):
                self.assertFalse(is_clean(summary([clean, spoiled])))

    def test_endings_are_counted_by_their_reason(self):
        figures = summary([Game(ending="not found"), Game(), Game(ending="not found"), Game(ending="room closed")])
        self.assertEqual((figures["games"], figures["games_ended"]), (4, 3))
        self.assertEqual(figures["endings"], {"not found": 2, "room closed": 1})
