"""What the relay says of itself on /metrics."""

import http.client
import math
import re

SERIES = re.compile(r"^(\w+)\{(.*)\} (\S+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
# The relay's own labels, the same on each series.
COMMON = {"instance", "region", "version"}


def parse(text):
    """The value of each series: by its name, and what sets it apart from others of that name, as a tuple of pairs."""
    return {
        (name, tuple(pair for pair in LABEL.findall(labels) if pair[0] not in COMMON)): float(value)
        for name, labels, value in SERIES.findall(text)}


def buckets(series, name):
    """A histogram: how many observations each bucket has alone, by its upper bound in seconds, ascending."""
    cumulative = sorted(
        (float(dict(labels)["le"]), value) for (each, labels), value in series.items() if each == f"{name}_bucket")
    counts, below = {}, 0.0
    for bound, value in cumulative:
        counts[bound], below = value - below, value
    return counts


def highest_bucket(before, after, name):
    """The upper bound of the highest bucket in which something was observed between two scrapes; 0 if in none, and
    infinity if it was above all bounds."""
    old, new = buckets(before, name), buckets(after, name)
    return max((bound for bound, count in new.items() if count > old.get(bound, 0)), default=0.0)


def increases(before, after, name):
    """What a counter's series have gained, by the value of their own label, without those that gained nothing."""
    gained = {labels: value - before.get((each, labels), 0) for (each, labels), value in after.items() if each == name}
    return {labels[0][1] if labels else "": value for labels, value in gained.items() if value}


def scrape(address):
    connection = http.client.HTTPConnection(*address, timeout=60)
    try:
        connection.request("GET", "/metrics")
        return parse(connection.getresponse().read().decode())
    finally:
        connection.close()


def milliseconds(seconds):
    """For readers; the last bucket has no bound."""
    return "more" if math.isinf(seconds) else f"{seconds * 1e3:.4g}"
