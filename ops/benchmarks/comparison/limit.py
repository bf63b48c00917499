"""Which side was the limit of a measurement: the server, or the load with its window."""

import statistics

from comparison.spread import values

# The share of a core from which on a side counts as busy all the time.
BUSY = 0.9
# What depends on how fast the load is, and the server's own cost of the same work.
RATES = ("deliveries_per_second", "connections_per_second")
COSTS = ("cpu_seconds_per_delivery", "cpu_seconds_per_megabyte", "cpu_seconds_per_connection")


def was_held_back(outcome, contestant):
    """True if the load, or its window, let the server rest, or was as busy as the server itself."""
    server = values(outcome.runs, contestant, "server_share")
    load = values(outcome.runs, contestant, "load_share")
    if not server or not load:
        return False
    return statistics.median(server) < BUSY or statistics.median(load) >= BUSY


def compares_loads(target, outcome):
    """True for a rate that one of the two servers could not show, since the load was the limit."""
    return target.metric in RATES and any(
        was_held_back(outcome, name) for name in (target.subject, target.reference))


def ordered(metrics, contestants, outcome):
    """The metrics of a case, with the cost first if the load was the limit of any of these contestants."""
    if metrics[0] not in RATES or not any(was_held_back(outcome, name) for name in contestants):
        return metrics
    return sorted(metrics, key=lambda metric: metric not in COSTS)
