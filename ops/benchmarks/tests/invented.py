"""Invented cases, rounds and a laboratory, for tests."""

from comparison.cases import Case, Target
from comparison.disturbance import Disturbance, Judgement
from comparison.measuring import LoadFailed, Measurement
from comparison.rounds import Fall, Outcome, Round

QUIET = Judgement(Disturbance(0, 0), Disturbance(0, 0))
DISTURBED = Judgement(Disturbance(0.5, 0), Disturbance(0, 0))
AT_LEAST = Target("deliveries_per_second", 1.5)
AT_MOST = Target("cpu_seconds_per_delivery", 0.8, at_most=True)


def case(*contestants, rounds=3, targets=(AT_LEAST,)):
    return Case("invented", "an invented case", contestants, "the test", ("deliveries_per_second",), targets, rounds)


def outcome(*ratios, severity=0.0, metric="deliveries_per_second", failures=None, is_proof=True):
    """One round for each ratio of the relay to Bun. `failures` are reasons by contestants."""
    rounds = [
        Round({"relay": {metric: ratio * 100.0}, "bun": {metric: 100.0}}, severity, "somebody") for ratio in ratios]
    return Outcome(rounds, 0, {name: Fall(why, is_proof) for name, why in (failures or {}).items()})


class Script:
    """A laboratory in which the results of measurements come from a list: a judgement, or a failure with or without
    others that disturb."""

    cores = [0, 1, 2, 3]

    def __init__(self, **courses):
        self.courses = {name: iter(course) for name, course in courses.items()}
        self.measured = []

    def measure(self, name, test):
        self.measured.append(name)
        step = next(self.courses[name], QUIET)
        if step in ["fails", "fails disturbed", "ends disturbed"]:
            failure = LoadFailed(f"{name} fell over", has_ended=step.startswith("ends"))
            failure.judgement = DISTURBED if step.endswith("disturbed") else QUIET
            raise failure
        return Measurement({"deliveries_per_second": 100.0}, step)
