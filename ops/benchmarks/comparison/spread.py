"""Medians, and the spread of the runs."""

import statistics
from typing import NamedTuple


class Spread(NamedTuple):
    """The values of several runs of the same thing. The quartiles are values of the runs themselves, without
    interpolation."""

    median: float
    low: float
    high: float
    first_quartile: float
    third_quartile: float
    count: int

    @classmethod
    def of(cls, values):
        values = sorted(values)
        if len(values) == 1:
            first, third = values[0], values[0]
        else:
            first, _, third = statistics.quantiles(values, n=4, method="inclusive")
        return cls(statistics.median(values), values[0], values[-1], first, third, len(values))

    @property
    def relative_width(self):
        """The interquartile range as a part of the median."""
        return (self.third_quartile - self.first_quartile) / self.median if self.median else float("inf")


def paired_ratios(rounds, subject, reference, metric):
    """One ratio for each round in which both were measured: a disturbance of a round affects both."""
    return [
        runs[subject][metric] / runs[reference][metric]
        for runs in rounds
        if has(runs, subject, metric) and has(runs, reference, metric) and runs[reference][metric]
    ]


def values(rounds, contestant, metric):
    return [runs[contestant][metric] for runs in rounds if has(runs, contestant, metric)]


def has(runs, contestant, metric):
    return runs.get(contestant, {}).get(metric) is not None
