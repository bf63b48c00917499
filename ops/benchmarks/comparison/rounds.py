"""Runs the contestants of a case in alternation until enough rounds were quiet."""

import contextlib
import time
from typing import NamedTuple

from comparison.measuring import LoadFailed, Watch
from comparison.placement import place
from processes import Signals

# The wait for quiet cores after a disturbed round.
MOST_PATIENCE = 10


class Round(NamedTuple):
    """One run of each contestant, one right after the other. Those that failed have none."""

    runs: dict
    # The most disturbed of its runs: as a multiple of the tolerance, and in words.
    severity: float
    disturbance: str

    @property
    def is_disturbed(self):
        return self.severity > 1


class Fall(NamedTuple):
    """Why a contestant takes no part any more."""

    why: str
    # False if other processes may be the cause, since they disturbed the run and the server did not end by itself.
    is_proof: bool


class Outcome(NamedTuple):
    """All that is known of a case after its rounds."""

    rounds: list
    # Disturbed rounds that others have replaced.
    set_aside: int
    # A `Fall` for each contestant that failed. They take no part in later rounds.
    failures: dict

    @property
    def disturbed(self):
        return sum(each.is_disturbed for each in self.rounds)

    @property
    def runs(self):
        return [each.runs for each in self.rounds]


def select(rounds, wanted):
    """The first quiet rounds and, if they are too few, the least disturbed, in the order in which they ran."""
    calmest = sorted(rounds, key=lambda each: max(each.severity, 1))[:wanted]
    return [each for each in rounds if any(each is chosen for chosen in calmest)]


def most_rounds(wanted):
    """Those that were disturbed are repeated, but not for ever."""
    return wanted + (wanted + 1) // 2


def order(contestants, number):
    """Rotates the order, so that each is first and last equally often."""
    shift = number % len(contestants)
    turned = contestants[shift:] + contestants[:shift]
    return turned if (number // len(contestants)) % 2 == 0 else turned[::-1]


class Reserve:
    """The time that a whole comparison has for repetitions, and for waiting until a machine comes to rest."""

    def __init__(self, seconds, clock=time.monotonic):
        self.left = seconds
        self.clock = clock

    @contextlib.contextmanager
    def draw(self):
        begun = self.clock()
        yield
        self.left -= self.clock() - begun

    @property
    def is_spent(self):
        return self.left <= 0


def run_case(case, laboratory, reserve, tell):
    rounds, failures = [], {}

    def add():
        standing = tuple(name for name in case.contestants if name not in failures)
        rounds.append(run_round(case, order(standing, len(rounds)), laboratory, failures))
        tell(case, rounds, failures)

    def is_over():
        return len(failures) == len(case.contestants)

    while len(rounds) < case.rounds and not is_over():
        add()
    while sum(not each.is_disturbed for each in rounds) < case.rounds and not is_over():
        if len(rounds) == most_rounds(case.rounds) or reserve.is_spent:
            break
        with reserve.draw():
            if rounds[-1].is_disturbed:
                await_rest(laboratory)
            add()
    return Outcome(select(rounds, case.rounds), max(0, len(rounds) - case.rounds), failures)


def run_round(case, contestants, laboratory, failures):
    runs, judgements = {}, {}
    for name in contestants:
        try:
            measurement = measure_twice_if_needed(name, case.test, laboratory)
        except LoadFailed as failure:
            failures[name] = Fall(str(failure), failure.has_ended or not failure.judgement.is_disturbed)
            continue
        runs[name], judgements[name] = measurement
    if not judgements:
        return Round(runs, float("inf"), "nobody stood the load")
    worst = max(judgements, key=lambda name: judgements[name].severity)
    return Round(runs, judgements[worst].severity, f"{worst}: {judgements[worst]}")


def measure_twice_if_needed(name, test, laboratory):
    """A server that fails once may have lost its core for too long; one that fails twice cannot bear the load."""
    try:
        return laboratory.measure(name, test)
    except LoadFailed:
        return laboratory.measure(name, test)


def await_rest(laboratory):
    deadline = time.monotonic() + MOST_PATIENCE
    while time.monotonic() < deadline:
        watch = Watch(place(laboratory.cores))
        Signals.pause(1)
        if not watch.judgement().is_disturbed:
            return
