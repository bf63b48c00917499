"""What players have seen, and what of it was lost or wrong. Nothing here reads a clock or a network."""

import bisect
import dataclasses
import itertools

# A message is lost if its receiver has meanwhile heard one that was sent this much later: two that are sent at the
# same time may be read in either order.
LATER = 3.0
# A close that is on its way. Whoever is closed within it after an answer may have been gone already for the relay.
ON_ITS_WAY = 1.0
# After so long without a connection nobody is a peer any more: longer than a relay waits for a silent one.
GHOST = 30.0


@dataclasses.dataclass(eq=False)
class Seat:
    """A player's place in its room over one connection."""

    slot: int
    # When its request was sent, when it was answered, and when the connection ended; None while it has not.
    asked: float
    opened: float
    closed: float | None = None
    # The slots that the answer names.
    peers: tuple = ()
    # The number of the state that followed the answer; None if none did.
    state: int | None = None
    # The numbers and times of the messages that it has sent, ascending.
    sent: list = dataclasses.field(default_factory=list)
    # Slot and number of each message that it has heard, in their order.
    heard: list = dataclasses.field(default_factory=list)

    def lasts(self, moment):
        return self.closed is None or self.closed > moment


@dataclasses.dataclass(eq=False)
class Game:
    """A room from its creation to the end of the account."""

    code: str = ""
    # The machine on which it was created.
    instance: str = ""
    seats: list = dataclasses.field(default_factory=list)
    # When somebody was told that the room does not exist.
    not_found: list = dataclasses.field(default_factory=list)
    # The time and the number of each state that a member has heard.
    states: list = dataclasses.field(default_factory=list)
    # What its players' connections told that cannot be: a text for each.
    contradictions: list = dataclasses.field(default_factory=list)
    # Why it has ended, or None.
    ending: str | None = None


@dataclasses.dataclass
class Messages:
    """The messages from one kept connection to another."""

    due: int = 0
    lost: int = 0
    twice: int = 0
    disordered: int = 0

    def __add__(self, other):
        return Messages(*map(sum, zip(dataclasses.astuple(self), dataclasses.astuple(other))))


def messages_of(game):
    """Judges each pair of connections as long as both were open. What was sent shortly before one of them ended may
    have been lost with it; all else arrives, once and in order."""
    sent_at = {(seat.slot, number): moment for seat in game.seats for number, moment in seat.sent}
    total = Messages()
    for receiver in game.seats:
        heard_of, latest = {}, 0.0
        for slot, number in receiver.heard:
            heard_of.setdefault(slot, []).append(number)
            latest = max(latest, sent_at.get((slot, number), 0.0))
        for sender in game.seats:
            if sender.slot != receiver.slot:
                total += between(sender, receiver, heard_of.get(sender.slot, []), latest)
    return total


def between(sender, receiver, heard, latest):
    """The messages of one pair. `heard` are the numbers that the receiver has heard from that slot, `latest` is when
    the last message that it has heard from anybody was sent."""
    numbers = [number for number, _ in sender.sent]
    due = {number for number, moment in sender.sent if moment >= receiver.opened}
    if not due:
        return Messages()
    mine = [number for number in heard if numbers[0] <= number <= numbers[-1]]
    # All arrive if both are kept to the end; otherwise those before the last that did, and those long overdue.
    known = max(mine, default=0)
    is_kept = sender.closed is None and receiver.closed is None
    overdue = numbers[:bisect.bisect(sender.sent, latest - LATER, key=lambda each: each[1])]
    surely = due if is_kept else {number for number in due if number <= max(known, overdue[-1] if overdue else 0)}
    return Messages(
        due=len(surely), lost=len(surely - set(mine)), twice=len(mine) - len(set(mine)),
        disordered=sum(later < earlier for earlier, later in itertools.pairwise(mine)))


def wrong_answers(game):
    """The number of each kind of answer that was wrong."""
    return {
        "room_not_found": sum(exists(game, moment) for moment in game.not_found),
        "slot": sum("slot" in text for text in game.contradictions),
        "peers": (sum("slot" not in text for text in game.contradictions)
                  + sum(wrong_peers(game, seat) for seat in game.seats)),
        "state": sum(is_stale(game, seat) for seat in game.seats)}


def exists(game, moment):
    """True if the room is known to be there at that moment: somebody sits in it, or gets into it later."""
    return any(seat.opened > moment or seat.lasts(moment + ON_ITS_WAY) for seat in game.seats)


def wrong_peers(game, seat):
    """The number of peers that an answer leaves out, and of those that it invents."""
    others = [other for other in game.seats if other.slot != seat.slot]
    present = {other.slot for other in others
               if other.opened <= seat.asked and other.lasts(seat.opened + ON_ITS_WAY)}
    possible = {other.slot for other in others
                if other.opened <= seat.opened + ON_ITS_WAY and other.lasts(seat.asked - GHOST)}
    named = set(seat.peers)
    return len(present - named) + len(named - possible) + len(seat.peers) - len(named)


def is_stale(game, seat):
    """True if the state that came with an answer is older than one that somebody had heard before."""
    known = max((number for moment, number in game.states if moment < seat.asked), default=None)
    return known is not None and (seat.state is None or seat.state < known)


def absences_of(game):
    """The seconds from the end of a connection to the next in the same slot, of those that came back: by slot."""
    found = {}
    for _, seats in itertools.groupby(sorted(game.seats, key=lambda seat: (seat.slot, seat.opened)), lambda seat: seat.slot):
        for before, after in itertools.pairwise(seats):
            if before.closed is not None:
                found.setdefault(before.slot, []).append(max(after.opened - before.closed, 0.0))
    return found


def spread(values):
    """The median, the 99th percentile and the largest."""
    ordered = sorted(values)
    if not ordered:
        return {"count": 0, "p50": 0.0, "p99": 0.0, "max": 0.0}

    def at(share):
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 3)
    return {"count": len(ordered), "p50": at(0.5), "p99": at(0.99), "max": at(1)}


def summary(games):
    """All figures of some games."""
    messages, wrong, absences, players = Messages(), {}, [], []
    for game in games:
        messages += messages_of(game)
        for kind, count in wrong_answers(game).items():
            wrong[kind] = wrong.get(kind, 0) + count
        for each in absences_of(game).values():
            absences += each
            players.append(sum(each))
    endings = [game.ending for game in games if game.ending]
    return {
        "games": len(games), "games_ended": len(endings),
        "endings": {why: endings.count(why) for why in sorted(set(endings))},
        "absences": spread(absences), "away_per_player": spread(players),
        "messages": dataclasses.asdict(messages), "wrong_answers": wrong}


def is_clean(figures):
    return figures["games_ended"] == 0 and not any(figures["wrong_answers"].values()) and not any(
        figures["messages"][kind] for kind in ["lost", "twice", "disordered"])
