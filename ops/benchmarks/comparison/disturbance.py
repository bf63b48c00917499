"""The use of cores by other processes during a measurement."""

import os
import pathlib
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")
# Parts of one core. A quiet virtual machine stays below half of them. The server's figures must be its own; the load
# has cores to spare, and tolerates more.
MOST_ON_SERVER_CORES = 0.1
MOST_ON_LOAD_CORES = 0.25


class CoreTimes(NamedTuple):
    """Seconds since the start of the machine, of one core or the sum of several."""

    busy: float
    stolen: float


class Disturbance(NamedTuple):
    """The time that others took, as a part of one core: the host of a virtual machine, and other processes."""

    stolen: float
    foreign: float

    @property
    def share(self):
        return self.stolen + self.foreign


class Judgement(NamedTuple):
    server: Disturbance
    load: Disturbance

    @property
    def is_disturbed(self):
        return self.server.share > MOST_ON_SERVER_CORES or self.load.share > MOST_ON_LOAD_CORES

    @property
    def severity(self):
        """The disturbance as a multiple of the tolerance; above 1 it is too much."""
        return max(self.server.share / MOST_ON_SERVER_CORES, self.load.share / MOST_ON_LOAD_CORES)

    def __str__(self):
        return (
            f"of the server's core {self.server.stolen:.0%} stolen and {self.server.foreign:.0%} used by others, "
            f"of the load's {self.load.stolen:.0%} and {self.load.foreign:.0%}")


class Usage(NamedTuple):
    """A sample of the clock, of some cores, and of the processes that belong on them."""

    moment: float
    cores: CoreTimes
    own: float


def core_times(stat, cores):
    """Reads the text of /proc/stat. Time in interrupts is busy: the kernel charges it to the interrupted process."""
    busy, stolen = 0, 0
    wanted = {f"cpu{core}" for core in cores}
    for line in stat.splitlines():
        name, *fields = line.split()
        if name in wanted:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
            busy += user + nice + system + irq + softirq
            stolen += steal
    return CoreTimes(busy / TICKS, stolen / TICKS)


def process_seconds(stat):
    """CPU of a process with all its threads, also of those that have ended, from the text of its /proc/PID/stat."""
    # The name of the program, in parentheses, can hold anything.
    fields = stat.rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / TICKS


def disturbance(before, after):
    """The disturbance between two samples of the same cores."""
    seconds = after.moment - before.moment
    if seconds <= 0:
        return Disturbance(0, 0)
    stolen = after.cores.stolen - before.cores.stolen
    foreign = (after.cores.busy - before.cores.busy) - (after.own - before.own)
    # Both are counted in ticks, by different clocks, so a negative difference is zero.
    return Disturbance(stolen / seconds, max(0, foreign / seconds))


def read_core_times(cores):
    return core_times(pathlib.Path("/proc/stat").read_text(), cores)


def read_process_seconds(pid):
    """The CPU time of a process, also of one that has ended and has not been reaped."""
    return process_seconds(pathlib.Path(f"/proc/{pid}/stat").read_text())


def read_resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"process {pid} has ended")
