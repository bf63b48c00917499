"""The search for the highest load that a machine bears, and what follows from its trials."""

import enum
from typing import NamedTuple

from sizing.sizes import CONNECTIONS, MOST_P99

# Trials of one size, and how close the highest load that holds and the lowest that does not must come.
MOST_TRIALS = 10
PRECISION = 0.1
# How many times the rooms that held are tried next, at most: a relay that is driven far beyond its limit tells nothing.
GROWTH = 4
# The share of a core from which a thread of the load no longer keeps up, and the part of its messages that it must
# have sent.
MOST_OF_LOAD, LEAST_SENT = 0.9, 0.98
# The part of the highest load that is near enough to calculate from.
NEARLY = 0.75


class Trial(NamedTuple):
    """So many rooms, played for some seconds."""

    rooms: int
    # Of the relay, in cores.
    cpu: float
    p99_seconds: float
    deliveries_per_second: float
    resident_bytes: int
    # The busiest thread of the load, as a part of a core; its messages, as a part of those that were due.
    load_share: float
    sent_share: float
    # How much others disturbed it, as a multiple of what is tolerated, and in words.
    severity: float = 0
    disturbance: str = ""
    # Why the load gave up: messages were missing, or connections lost.
    failure: str = ""


class Standing(enum.Enum):
    HOLDS = "holds"
    FAILS = "is too much"
    # The figures do not tell what the relay would have done alone.
    UNDECIDED = "proves nothing"


class Finding(NamedTuple):
    standing: Standing
    # What it failed of, or why it proves nothing.
    reason: str = ""


def judge(trial, most_cpu):
    """Whoever is disturbed, or is sent less than was due, may fail without being at fault. But what holds all the same,
    holds; and too much CPU is the relay's own."""
    is_disturbed = trial.severity > 1
    if trial.failure:
        if is_disturbed:
            return Finding(Standing.UNDECIDED, "the machine was disturbed")
        return Finding(Standing.FAILS, "messages were missing")
    if trial.cpu > most_cpu:
        return Finding(Standing.FAILS, "CPU")
    if trial.load_share > MOST_OF_LOAD or trial.sent_share < LEAST_SENT:
        return Finding(Standing.UNDECIDED, "the load was the limit")
    if trial.p99_seconds > MOST_P99:
        if is_disturbed:
            return Finding(Standing.UNDECIDED, "the machine was disturbed")
        return Finding(Standing.FAILS, "p99")
    return Finding(Standing.HOLDS)


def ends(trials, most_cpu):
    """The highest trial that holds, and the lowest above it that does not; None where there is none."""
    holding = [trial for trial in trials if judge(trial, most_cpu).standing is Standing.HOLDS]
    held = max(holding, key=lambda trial: trial.rooms, default=None)
    above = [trial for trial in trials if trial not in holding and (held is None or trial.rooms > held.rooms)]
    return held, min(above, key=lambda trial: trial.rooms, default=None)


def next_rooms(trials, most_cpu, start, most):
    """The number of rooms to try next, at most `most`; None when it is known well enough."""
    if len(trials) >= MOST_TRIALS:
        return None
    if not trials:
        return min(start, most)
    held, above = ends(trials, most_cpu)
    if above is None:
        if held.rooms >= most:
            return None
        expected = int(held.rooms * most_cpu / held.cpu) if held.cpu > 0 else most
        return min(max(expected, held.rooms + step(held.rooms)), GROWTH * held.rooms, most)
    low = held.rooms if held else 0
    if above.rooms - low <= step(low):
        return None
    return (low + above.rooms) // 2


def step(rooms):
    """The difference that need not be known more closely."""
    return max(1, int(PRECISION * rooms))


class Capacity(NamedTuple):
    """The rooms of a machine."""

    rooms: int
    # False where they follow from the time that a room takes, at fewer rooms or on fewer cores.
    is_measured: bool
    # What it would run into with more, or why no more was measured.
    bound: str
    # The highest that held; for what is calculated, the one whose CPU it follows from.
    trial: Trial


def costliest(trials, most_cpu):
    """Of the trials that hold, with nearly as many rooms as the highest, the one that takes most CPU for a room: who
    waits for a core that others use does more in one turn then, and seems to take less than it does alone."""
    holding = [trial for trial in trials if judge(trial, most_cpu).standing is Standing.HOLDS]
    least = NEARLY * max(trial.rooms for trial in holding)
    return max((trial for trial in holding if trial.rooms >= least), key=lambda trial: trial.cpu / trial.rooms)


def conclude(trials, most_cpu, scale=1, most_rooms=None):
    """The capacity of a machine `scale` times as large as the one of these trials; None if none of them holds.

    A room takes less CPU the more there are, since one turn then serves several connections, so what is calculated
    from a trial with fewer is rather too low.
    """
    held, above = ends(trials, most_cpu)
    if held is None:
        return None
    finding = judge(above, most_cpu) if above else Finding(Standing.HOLDS)
    if finding.standing is Standing.FAILS:
        # Between both, at most PRECISION apart unless trials ran out.
        capacity = Capacity(int(held.rooms * scale), scale == 1, finding.reason, held)
    else:
        base = costliest(trials, most_cpu)
        rooms = base.rooms * most_cpu / base.cpu if base.cpu > 0 else 0
        if rooms > held.rooms:
            capacity = Capacity(int(rooms * scale), False, "CPU", base)
        else:
            capacity = Capacity(int(held.rooms * scale), scale == 1, finding.reason or "CPU", held)
    if most_rooms is not None and capacity.rooms >= most_rooms:
        return capacity._replace(
            rooms=most_rooms, bound="MAX_CONNECTIONS", is_measured=scale == 1 and held.rooms >= most_rooms)
    return capacity


def most_rooms(connections):
    """As many rooms as have all their members within so many connections."""
    return connections // CONNECTIONS
