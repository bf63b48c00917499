"""The rooms of party.k6.js as a load: what a display and its phones see of a server, by a tool of others."""

import json
import pathlib
import re
import time

from comparison.measuring import LOAD_DEADLINE, run_load

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "party.k6.js"
# Seconds that the rooms have to open, before all begin to play.
LEAD = 1


class K6Test:
    """So many rooms for so many seconds. The script fails if anything was lost or refused, however slow it was."""

    def __init__(self, rooms, seconds):
        self.rooms = rooms
        self.seconds = seconds

    def command(self, k6, url, summary):
        variables = {
            "URL": url, "ROOMS": self.rooms, "SECONDS": self.seconds, "LEAD": LEAD, "P95_MS": 1e6, "SUMMARY": summary}
        named = [text for name, value in variables.items() for text in ("--env", f"{name}={value}")]
        # Without its HTTP server, whose port may be taken.
        return [*k6, "run", "--quiet", "--no-usage-report", "--no-color", "--address", "", *named, str(SCRIPT)]

    def __call__(self, laboratory, name, watch):
        with laboratory.server(name, watch) as server:
            summary = laboratory.folder / "k6.json"
            play = Play(laboratory.folder / "load.log", self.rooms, lambda: cpu_seconds(server.pid))
            command = self.command(laboratory.programs.k6, server.url, summary)
            run_load("k6", command, laboratory.folder, watch, LEAD + self.seconds + LOAD_DEADLINE, play.look)
            return values_of(json.loads(summary.read_text()), play.cpu_seconds)


class Play:
    """The server's processor time from when all rooms are open until the first has played: neither the opening nor the
    closing of connections is in it."""

    def __init__(self, log, rooms, clock):
        self.log, self.rooms, self.clock = log, rooms, clock
        self.begin = self.end = None

    def look(self):
        if self.end is not None:
            return
        text = self.log.read_text(errors="replace")
        if self.begin is None and len(re.findall(r"\bmsg=open\b", text)) == self.rooms:
            self.begin = self.clock()
        if self.begin is not None and re.search(r"\bmsg=played\b", text):
            self.end = self.clock()

    @property
    def cpu_seconds(self):
        """None if the rooms were not seen to open or to end."""
        return None if self.end is None else self.end - self.begin


def cpu_seconds(pid):
    """Of a process with all its threads, by its own clock: some thousand deliveries are few of /proc's ticks."""
    # The kernel's number for the scheduler's clock of this process.
    return time.clock_gettime((~pid << 3) | 2)


def values_of(figures, cpu):
    """The script's figures by the names of `metrics`."""
    values = {
        f"{prefix}{percentile}_seconds": figures[latency][percentile] / 1000
        for prefix, latency in [("", "inputLatencyMilliseconds"), ("state_", "stateLatencyMilliseconds")]
        for percentile in ["p50", "p95"]}
    if cpu is not None:
        values |= {"cpu_seconds_per_delivery": cpu / figures["deliveries"], "server_share": cpu / figures["seconds"]}
    return values
