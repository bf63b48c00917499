"""What the account says of a relay that makes no mistake, and of one that makes exactly one."""

import random
import unittest

from invented import Play
from rooms import STATE, TO_ALL

SEEDS = range(30)


class Mistake:
    """Changes once, at a random moment, what one of the regulars is about to read."""

    def __init__(self, change, seed):
        self.change, self.dice = change, random.Random(seed)
        # Not before the regulars know of each other.
        self.reads = self.dice.randrange(10, 40)
        self.is_made = False

    def __call__(self, stay, unread):
        self.reads -= 1
        if self.reads < 0 and not self.is_made and stay.number <= 4:
            self.is_made = self.change(stay, unread, self.dice)


def relayed(unread):
    """The places of messages of the first four, who were there before it and stay."""
    return [place for place, message in enumerate(unread) if isinstance(message, bytes) and any(
        b'"data":[%d,' % number in message for number in range(1, 5))]


def lost(stay, unread, dice):
    places = relayed(unread)
    if places:
        del unread[dice.choice(places)]
    return bool(places)


def doubled(stay, unread, dice):
    places = relayed(unread)
    if places:
        place = dice.choice(places)
        unread.insert(dice.randrange(place, len(unread)) + 1, unread[place])
    return bool(places)


def sender(message):
    return message.split(b'"data":[')[1].split(b",")[0]


def swapped(stay, unread, dice):
    places = relayed(unread)
    pairs = [(a, b) for a in places for b in places if a < b and sender(unread[a]) == sender(unread[b])]
    if pairs:
        a, b = dice.choice(pairs)
        unread[a], unread[b] = unread[b], unread[a]
    return bool(pairs)


def changed(stay, unread, dice):
    places = [place for place in relayed(unread) if b'""' not in unread[place]]
    if places:
        place = dice.choice(places)
        other = b"a" if unread[place][-4:-3] != b"a" else b"b"
        unread[place] = unread[place][:-4] + other + unread[place][-3:]
    return bool(places)


def from_another_slot(stay, unread, dice):
    places = [place for place in relayed(unread) if b'"from":' in unread[place]]
    if places:
        place = dice.choice(places)
        unread[place] = unread[place].replace(b'"from":', b'"from":9', 1)
    return bool(places)


def for_somebody_else(stay, unread, dice):
    for other in stay.room.stays:
        for number in range(max(stay.stream(other).next, other.confirmed), len(other.log)):
            if other.slot is not None and other.log[number][0] not in (TO_ALL, STATE, stay.slot):
                unread.insert(0, b'{"type":"message","from":%d,"data":%b}' % (other.slot, other.data(number)))
                return True
    return False


def never_sent(stay, unread, dice):
    unread.insert(0, b'{"type":"message","from":1,"data":[2,100000,""]}')
    return True


def of_another_room(stay, unread, dice):
    unread.insert(0, b'{"type":"message","from":1,"data":[100000,0,""]}')
    return True


def lost_peer_event(stay, unread, dice):
    places = [place for place, message in enumerate(unread) if isinstance(message, bytes) and b'"peer_' in message]
    if places:
        del unread[dice.choice(places)]
    return bool(places)


def doubled_peer_event(stay, unread, dice):
    places = [place for place, message in enumerate(unread) if isinstance(message, bytes) and b'"peer_' in message]
    if places:
        place = dice.choice(places)
        unread.insert(place, unread[place])
    return bool(places)


def refused(stay, unread, dice):
    unread.insert(0, b'{"type":"error","message":"Room is full"}')
    return True


def no_message(stay, unread, dice):
    unread.insert(0, b'{"type":"message"')
    return True


class AccountTests(unittest.TestCase):
    def test_a_relay_without_mistakes_is_right_whatever_happens(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                play = Play(random.Random(seed))
                self.assertEqual(play.run(), [])
                self.assertGreater(play.account.deliveries, 100)

    def test_one_mistake_is_found(self):
        for change in [
                lost, doubled, swapped, changed, from_another_slot, for_somebody_else, never_sent, of_another_room,
                lost_peer_event, doubled_peer_event, refused, no_message]:
            made = 0
            for seed in SEEDS:
                with self.subTest(mistake=change.__name__, seed=seed):
                    mistake = Mistake(change, seed)
                    violations = Play(random.Random(seed), mistake).run()
                    made += mistake.is_made
                    self.assertEqual(bool(violations), mistake.is_made)
            self.assertGreater(made, len(SEEDS) / 3, change.__name__)

    def test_a_close_that_nobody_has_caused_is_found(self):
        play = Play(random.Random(1))
        play.account.hear_close(play.regulars[1], 1002, "protocol error")
        self.assertIn("was closed with 1002", play.account.violations[0])

    def test_an_end_without_a_close_frame_is_found_unless_the_kernel_fails(self):
        for is_kernel_faulty in [False, True]:
            play = Play(random.Random(1))
            play.account.is_kernel_faulty = is_kernel_faulty
            play.account.hear_end(play.regulars[1])
            self.assertEqual(bool(play.account.violations), not is_kernel_faulty)

    def test_a_room_that_closes_before_its_hosts_last_message_is_found(self):
        for is_lost in [False, True]:
            play = Play(random.Random(1))
            host, guest = play.regulars[:2]
            play.relay.send(host, TO_ALL, 3)
            play.account.close_room(host)
            if is_lost:
                play.relay.unread[guest].pop()
            play.read(guest, 9)
            play.account.hear_close(guest, 4001, "room closed")
            self.assertEqual(bool(play.account.violations), is_lost)

    def test_a_member_that_is_missing_among_the_peers_is_found_unless_it_has_gone(self):
        for is_kernel_faulty, has_gone in [(False, False), (True, False), (True, True)]:
            play = Play(random.Random(1))
            play.account.is_kernel_faulty = is_kernel_faulty
            missing = play.regulars[2]
            del play.relay.seats[missing.slot]
            play.enter()
            play.read_all()
            if has_gone:
                play.account.hear_end(missing)
            play.account.check_missed()
            self.assertEqual(bool(play.account.violations), not has_gone)

    def test_a_snapshot_that_is_not_replayed_or_an_older_one_is_found(self):
        for state, is_found in [("the newest", False), ("none", True), ("an older one", True)]:
            play = Play(random.Random(1))
            host = play.regulars[0]
            for _ in range(2):
                old = play.relay.state
                play.relay.send(host, STATE, 7)
            play.silence()
            play.relay.state = {"the newest": play.relay.state, "none": None, "an older one": old}[state]
            play.enter()
            play.silence()
            self.assertEqual(bool(play.account.violations), is_found, state)

    def test_a_slot_that_goes_to_another_client_is_found(self):
        play = Play(random.Random(1))
        play.relay.slots["client 9"] = 2
        play.enter("client 9", play.regulars[2])
        play.read_all()
        self.assertIn("slot 2 has two clients", play.account.violations[0])
