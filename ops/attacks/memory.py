"""A process's resident memory, and the memory cgroup that may confine it."""

import os
import pathlib
import time

from verdicts import MIB

V1 = pathlib.Path("/sys/fs/cgroup/memory")
V2 = pathlib.Path("/sys/fs/cgroup")


def resident(pid):
    return status(pid)["VmRSS"]


def peak(pid):
    """The most that has ever been resident, as the kernel counted it; no sample can miss it."""
    return status(pid)["VmHWM"]


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)
            if name.startswith("Vm")}


def watch(prompt, pid, interval=0.05):
    """An actor that notes the resident memory until it is cued, and then tells the curve: seconds and bytes."""
    curve, started = [], time.monotonic()
    while not prompt.is_cued(interval):
        try:
            curve.append((round(time.monotonic() - started, 2), resident(pid)))
        except (OSError, KeyError):
            break
    prompt.tell(curve)


class Cgroup:
    """A memory cgroup of its own for the relay. Raises OSError where this machine does not allow one."""

    def __init__(self, limit):
        is_v2 = (V2 / "cgroup.controllers").exists()
        if is_v2 and "memory" not in (V2 / "cgroup.subtree_control").read_text().split():
            (V2 / "cgroup.subtree_control").write_text("+memory")
        self.folder = (V2 if is_v2 else V1) / f"party-sockets-attack-{os.getpid()}"
        self.highest = "memory.peak" if is_v2 else "memory.max_usage_in_bytes"
        self.folder.mkdir()
        (self.folder / ("memory.max" if is_v2 else "memory.limit_in_bytes")).write_text(str(limit))

    def enter(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def peak(self):
        path = self.folder / self.highest
        return int(path.read_text()) if path.exists() else None

    def remove(self):
        self.folder.rmdir()


def parse_size(text):
    """Bytes of a size such as 256M."""
    units = {"K": 1 << 10, "M": MIB, "G": 1 << 30}
    return int(text[:-1]) * units[text[-1]] if text[-1:] in units else int(text)
