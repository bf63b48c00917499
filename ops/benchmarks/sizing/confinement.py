"""A control group for the relay: the memory and the processor time of a small machine."""

import os
import pathlib

# Of ops/attacks: the memory cgroup in which a relay is attacked.
from memory import V2, Cgroup

CPU_V1 = pathlib.Path("/sys/fs/cgroup/cpu")
MICROSECONDS = 1_000_000


class Confinement:
    """Raises OSError where this machine does not allow one, which takes root and its control groups."""

    def __init__(self, memory, quota=None):
        """`memory` in bytes; `quota`, if there is one, is the time within a period, both in seconds."""
        self.memory = Cgroup(memory)
        self.others = []
        self.has_quota = quota is not None
        try:
            if self.has_quota:
                self.limit(*(str(int(seconds * MICROSECONDS)) for seconds in quota))
        except OSError:
            self.remove()
            raise

    def limit(self, quota, period):
        if self.memory.folder.parent == V2:
            control = V2 / "cgroup.subtree_control"
            if "cpu" not in control.read_text().split():
                control.write_text("+cpu")
            (self.memory.folder / "cpu.max").write_text(f"{quota} {period}")
            return
        folder = CPU_V1 / self.memory.folder.name
        folder.mkdir()
        self.others.append(folder)
        (folder / "cpu.cfs_period_us").write_text(period)
        (folder / "cpu.cfs_quota_us").write_text(quota)

    def enter(self):
        """For the process itself, before its program."""
        if self.has_quota:
            # A quota is for ordinary processes; one in real time would not be taken, or not be held to it.
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        self.memory.enter()
        for folder in self.others:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        self.memory.remove()
        for folder in self.others:
            folder.rmdir()
