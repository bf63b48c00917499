"""The verdict on a target: met, missed, or undecided since the machine was not quiet enough."""

import enum
from typing import NamedTuple

from comparison.spread import Spread, paired_ratios, values

# The part of a target that CI requires, so that only a real loss fails.
TOLERANCE = 0.9
# The largest interquartile range of a quiet machine's ratios, as a part of their median.
MOST_RELATIVE_WIDTH = 0.15


class Finding(NamedTuple):
    """The measured values for a target; without a spread if there are none."""

    target: object
    spread: Spread | None

    @property
    def is_met(self):
        return self.spread is not None and reaches(self.target, self.spread.median)

    @property
    def is_met_with_tolerance(self):
        return self.spread is not None and reaches(self.target, self.spread.median, TOLERANCE)


class Verdict(enum.Enum):
    MET = "met"
    MISSED = "missed"
    NOISE = "the machine was not quiet"


def reaches(target, value, tolerance=1.0):
    return value <= target.bound / tolerance if target.at_most else value >= target.bound * tolerance


def is_stricter(target, bound):
    """True for a bound that asks for more than the target's."""
    return bound < target.bound if target.at_most else bound > target.bound


def find(target, outcome):
    if target.reference is None:
        measured = values(outcome.runs, target.subject, target.metric)
    else:
        measured = paired_ratios(outcome.runs, target.subject, target.reference, target.metric)
    return Finding(target, Spread.of(measured) if measured else None)


def judge(finding, outcome):
    """For CI. A server that ends under load does so on a quiet machine too; beyond that, a disturbed one proves nothing."""
    concerned = (finding.target.subject, finding.target.reference)
    falls = [fall for name, fall in outcome.failures.items() if name in concerned]
    if any(fall.is_proof for fall in falls):
        return Verdict.MISSED
    if finding.is_met_with_tolerance:
        return Verdict.MET
    is_quiet = outcome.disturbed == 0 and not falls
    if finding.spread is not None:
        is_quiet &= finding.spread.relative_width <= MOST_RELATIVE_WIDTH
    return Verdict.MISSED if is_quiet else Verdict.NOISE
