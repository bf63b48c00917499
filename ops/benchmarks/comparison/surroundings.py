"""The machine and the versions, without which figures mean nothing."""

import os
import pathlib
import platform
import re
import resource
import subprocess


def said(command, **options):
    """The first line of a command's output; empty if it cannot be run."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options)
    except OSError:
        return ""
    return done.stdout.splitlines()[0].strip() if done.stdout else ""


def raise_open_files():
    """Raises the limit of open files to the hard limit; the servers and the load inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def processor(cpuinfo):
    found = re.search(r"^model name\s*: (.+)$", cpuinfo, re.M)
    return found[1] if found else platform.machine()


def memory_gigabytes(meminfo):
    return int(re.search(r"^MemTotal:\s+(\d+) kB", meminfo, re.M)[1]) * 1024 / 1e9


def is_virtual(cpuinfo):
    return re.search(r"^flags\s*:.*\bhypervisor\b", cpuinfo, re.M) is not None


def system_name(os_release):
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)', os_release, re.M)
    return found[1] if found else "Linux"


def scheduling(policy):
    """In words, the policy of a process and of those that it starts."""
    if policy in [os.SCHED_FIFO, os.SCHED_RR]:
        return "in real time, before all other processes"
    return "as that of any other process"


def machine():
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()
    count = os.cpu_count()
    release = pathlib.Path("/etc/os-release")
    return {
        "processor": f"{processor(cpuinfo)}, {count} cores" + (" of a virtual machine" if is_virtual(cpuinfo) else ""),
        "memory": f"{memory_gigabytes(pathlib.Path('/proc/meminfo').read_text()):.0f} GB",
        "system": f"{system_name(release.read_text() if release.exists() else '')}, Linux {platform.release()}",
        "open files": f"{resource.getrlimit(resource.RLIMIT_NOFILE)[1]:,} for a process",
    }


# The sources that a measurement depends on.
MEASURED = ["Sources", "Package.swift", "ops/benchmarks/peers", "ops/benchmarks/comparison/cases.py"]


def commit(root):
    """The last commit that touched these sources, and whether any of them has changed since."""
    git = ["git", "-C", str(root)]
    name = said([*git, "log", "-1", "--format=%h", "--abbrev=10", "--", *MEASURED]) or "unknown"
    changed = said([*git, "status", "--porcelain", "--", *MEASURED])
    return f"{name}, with changes" if changed else name
