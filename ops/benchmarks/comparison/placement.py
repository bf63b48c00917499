"""The placement of the servers and the load on cores."""

import os
from typing import NamedTuple


class Placement(NamedTuple):
    server: tuple
    load: tuple
    # The comparison itself, which sleeps while anything is measured.
    script: tuple

    def __str__(self):
        def names(cores):
            return ("core " if len(cores) == 1 else "cores ") + ", ".join(map(str, cores))
        return f"server on {names(self.server)}, load on {names(self.load)}"


def most_server_cores(cores, wanted):
    """The number of cores for a server, at most `wanted`, that leaves two for the load, or one of only two."""
    return max(1, min(wanted, len(cores) - 2))


def place(cores, wanted=1):
    """The placement on these cores; None for a single core, on which the server would mostly wait for the load.

    The first core is where most machines handle their interrupts, so it is used last.
    """
    if len(cores) < 2:
        return None
    count = most_server_cores(cores, wanted)
    ordered = list(cores[1:]) + [cores[0]]
    server, rest = ordered[:count], ordered[count:]
    others = [core for core in rest if core != cores[0]]
    load = others if len(others) >= 2 else rest
    script = [core for core in rest if core not in load] or sorted(load)
    return Placement(tuple(server), tuple(sorted(load)), tuple(script))


def usable_cores():
    return sorted(os.sched_getaffinity(0))
