"""The events that a load has made the machines count."""

import collections
import time


class Ledger:
    """Every event with its time, so that the rate in any window is known however uneven the load was."""

    def __init__(self):
        self.events = []

    def count(self, machine, name, label="", times=1):
        """`name` is a counter's without party_sockets_ and _total, `label` the value of its own label."""
        self.events.append((time.time(), machine, name, label, times))

    def totals(self, name, since=0.0, until=float("inf")):
        """By machine and label."""
        sums = collections.Counter()
        for moment, machine, each, label, times in self.events:
            if each == name and since < moment <= until:
                sums[machine, label] += times
        return sums

    def rates(self, name, until, window):
        """Per second, by machine and label."""
        return {key: count / window for key, count in self.totals(name, until - window, until).items()}
