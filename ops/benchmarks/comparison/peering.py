"""The relay beside servers that this repository does not have: their figures go to the terminal, and nowhere else."""

import argparse
import shlex
import shutil

from comparison.contestants import CONTESTANTS, peer
from comparison.limit import COSTS
from comparison.metrics import METRICS
from comparison.report import measured, table
from comparison.spread import Spread, paired_ratios, values


def named_command(text):
    """The value of an option `NAME=COMMAND`."""
    name, separator, command = text.partition("=")
    words = shlex.split(command)
    if not separator or not name.replace("-", "").isalnum():
        raise argparse.ArgumentTypeError(f"{text}: NAME=COMMAND, with a name of letters and digits")
    if name in CONTESTANTS:
        raise argparse.ArgumentTypeError(f"{name} takes part already")
    found = shutil.which(words[0]) if words else None
    if found is None:
        raise argparse.ArgumentTypeError(f"{words[0] if words else 'nothing'} is no program")
    return peer(name, [found, *words[1:]])


def cases(all_cases, peers):
    """Those in which the relay is compared with another server, with these in its place."""
    compared = (case for case in all_cases if any(target.reference == "bun" for target in case.targets))
    return [case._replace(contestants=("relay", *(each.name for each in peers)), targets=()) for case in compared]


def figures(case):
    """The metrics worth a ratio: what the work costs, what the case is judged by, and the tail."""
    judged = [metric for metric in case.metrics if metric in COSTS]
    rest = [case.metrics[0], "p999_seconds", "start_seconds"]
    return list(dict.fromkeys([*judged, *(metric for metric in rest if metric in case.metrics)]))


def ratios(case, outcome, peers):
    """A table of the relay's figures, each peer's, and the ratio of both."""
    rows = []
    for metric in figures(case):
        for each in peers:
            found = paired_ratios(outcome.runs, "relay", each.name, metric)
            rows.append([
                METRICS[metric].heading, each.name, measured(values(outcome.runs, "relay", metric), METRICS[metric]),
                measured(values(outcome.runs, each.name, metric), METRICS[metric]), quartiles(found)])
    disturbed = f"{outcome.disturbed} of {len(outcome.rounds)} rounds disturbed"
    return "\n".join([
        f"{case.name}: {case.title} ({disturbed if outcome.disturbed else 'all rounds quiet'})",
        table(["", "peer", "relay", "the peer's", "relay against peer, quartiles"], rows)])


def quartiles(found):
    if not found:
        return "–"
    spread = Spread.of(found)
    return f"{spread.median:.2f}x ({spread.first_quartile:.2f}x to {spread.third_quartile:.2f}x)"
