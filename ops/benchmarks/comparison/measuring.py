"""One measurement of one server."""

import contextlib
import json
import os
import pathlib
import statistics
import time
from typing import NamedTuple

from comparison.contestants import CONTESTANTS, Server
from comparison.disturbance import Judgement, Usage, disturbance, read_core_times, read_process_seconds
from comparison.placement import place, usable_cores
from processes import Failure, Process, Signals

# Seconds that the load may take beyond those it was told to measure: to connect, to end.
LOAD_DEADLINE = 60
# An address has some 28,000 ports, and the kernel searches longer and longer for a free one once half of them are used.
MOST_FROM_ONE_ADDRESS = 10_000
ADDRESSES = "127.0.0.2,127.0.0.3"
# The starts, one after the other, that make one measurement: a single one is too short for /proc/stat.
STARTS = 5
# Until a server that has started is at rest.
SETTLING = 0.5
# The connections of an `idle` that only warms the server up.
FIRST_CONNECTIONS = 64


class Measurement(NamedTuple):
    """The result of one run: values by the names of `metrics`, and the disturbance by other processes."""

    values: dict
    judgement: Judgement


class LoadFailed(Exception):
    """The server did not start, or failed under the load."""

    def __init__(self, why, has_ended=False):
        super().__init__(why)
        # True if the server's process ended by itself, which no other process makes it do.
        self.has_ended = has_ended
        # Of the run that failed, once it is over.
        self.judgement = None


class Laboratory:
    """Where measurements are made: the programs, the cores, a folder for logs."""

    def __init__(self, programs, folder):
        self.programs = programs
        self.folder = pathlib.Path(folder)
        self.cores = usable_cores()
        if place(self.cores) is None:
            raise Failure("a comparison needs two processors at least, one for the server and one for the load")

    def measure(self, name, test):
        """Measures this server, started for this run alone."""
        placement = place(self.cores, CONTESTANTS[name].loops)
        watch = Watch(placement)
        try:
            values = test(self, name, watch)
        except LoadFailed as failure:
            failure.judgement = watch.judgement()
            raise
        return Measurement(values, watch.judgement())

    def server(self, name, watch):
        return self.run(CONTESTANTS[name], watch)

    @contextlib.contextmanager
    def run(self, contestant, watch, enter=lambda: None):
        try:
            server = Server(contestant, self.programs, watch.placement.server, self.folder, enter)
        except Failure as failure:
            # The measurements of the others are kept all the same.
            raise LoadFailed(str(failure)) from None
        try:
            try:
                yield server
            except LoadFailed:
                # The load's complaint is a consequence then.
                if server.end() is None:
                    raise
            if server.end() is not None:
                raise LoadFailed(f"it ended: {server.story()}", has_ended=True)
        finally:
            watch.own_server += read_process_seconds(server.pid)
            server.shut_down()


class Watch:
    """Observes other processes on the cores of a measurement, from here to the judgement. The test tells which
    processes are its own."""

    def __init__(self, placement):
        self.placement = placement
        # CPU seconds.
        self.own_server = 0.0
        self.own_load = 0.0
        self.before = self.look()

    def look(self):
        return [
            Usage(time.monotonic(), read_core_times(self.placement.server), self.own_server),
            Usage(time.monotonic(), read_core_times(self.placement.load), self.own_load),
        ]

    def judgement(self):
        return Judgement(*map(disturbance, self.before, self.look()))


class LoadTest:
    """A shape of the load, for this many seconds; without a number for as long as it takes."""

    def __init__(self, shape, seconds=None, warmup=0.7, **options):
        self.shape = shape
        self.seconds = seconds
        self.warmup = warmup
        self.options = options

    @property
    def connections(self):
        return self.options.get("connections") or self.options["rooms"] * self.options["members"]

    def arguments(self, server, placement, **instead):
        threads = min(len(placement.load), self.options.get("rooms", len(placement.load)))
        options = self.options | {
            "url": server.url, "pid": server.pid, "threads": threads, "warmup": self.warmup}
        if self.seconds is not None:
            options["seconds"] = self.seconds
        options |= instead
        if self.connections > MOST_FROM_ONE_ADDRESS:
            options["source"] = ADDRESSES
        named = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", str(value))]
        return [self.shape, *named, "--json"]

    def __call__(self, laboratory, name, watch):
        with laboratory.server(name, watch) as server:
            counts = OwnCounts(server)
            values = self.load(laboratory, server, watch, counts.sample)
            if "deliveries_per_second" in values:
                values |= counts.sends_per_delivery(self.seconds)
            return values | counts.io_uring()

    def load(self, laboratory, server, watch, meanwhile=lambda: None):
        """Puts a server under this load."""
        if self.shape == "idle":
            # What the first connections bring into memory, such as code, belongs to none of them.
            self.run(laboratory, server, watch, meanwhile, connections=FIRST_CONNECTIONS, seconds=0.1)
        return values_of(json.loads(self.run(laboratory, server, watch, meanwhile)))

    def run(self, laboratory, server, watch, meanwhile, **instead):
        command = [*laboratory.programs.load, *self.arguments(server, watch.placement, **instead)]
        deadline = self.warmup + (self.seconds or 0) + LOAD_DEADLINE
        return run_load(self.shape, command, laboratory.folder, watch, deadline, meanwhile)


def run_load(name, command, folder, watch, deadline, meanwhile):
    """The output of a program that makes the load, which has so many seconds. `meanwhile` is called again and again."""
    output, errors = folder / "load.out", folder / "load.log"
    with open(output, "wb") as standard, open(errors, "wb") as error:
        load = Process(
            command, stdout=standard, stderr=error, enter=lambda: os.sched_setaffinity(0, watch.placement.load))
    deadline += time.monotonic()
    try:
        while load.end() is None and time.monotonic() < deadline:
            meanwhile()
            Signals.pause(0.01)
        status = load.end()
    finally:
        watch.own_load += read_process_seconds(load.pid)
        load.stop(0)
    if status != 0:
        fate = "was not done in time" if status is None else f"exit status {status}"
        raise LoadFailed(f"{name}: {fate}: {errors.read_text(errors='replace').strip()[-300:]}")
    return output.read_text()


class OwnCounts:
    """The relay's own metrics while the load runs; the peers have none.

    They are sampled about twice a second, since the set-up of connections, with all its joins, must be left out, and
    only the load knows when that is over: the samples before the load's end count.
    """

    INTERVAL = 0.4

    def __init__(self, server, clock=time.monotonic):
        self.server = server
        self.clock = clock
        self.samples = []
        self.due = self.clock()

    def sample(self):
        if self.server.program != "relay" or self.clock() < self.due:
            return
        self.due = self.clock() + self.INTERVAL
        counted = self.server.metrics("party_sockets_sends_total", "party_sockets_deliveries_total")
        if counted:
            self.samples.append((self.clock(), *counted))

    def sends_per_delivery(self, seconds):
        """The ratio over the last seconds; empty if there were fewer than two samples."""
        end = self.clock()
        within = [sample for sample in self.samples if sample[0] >= end - seconds]
        if len(within) < 2 or within[-1][2] == within[0][2]:
            return {}
        return {"sends_per_delivery": (within[-1][1] - within[0][1]) / (within[-1][2] - within[0][2])}

    def io_uring(self):
        if self.server.program != "relay":
            return {}
        found = self.server.metrics("party_sockets_io_uring")
        return {"io_uring": found[0]} if found else {}


def values_of(result):
    """The numbers of party-load's output that are compared, without those that the shape lacks."""
    server, load = result.get("server") or {}, result.get("load") or {}
    latency = result.get("latencySeconds") or {}
    values = {
        "deliveries_per_second": result.get("deliveriesPerSecond"),
        "cpu_seconds_per_delivery": server.get("cpuSecondsPerDelivery"),
        "p50_seconds": latency.get("p50"),
        "p99_seconds": latency.get("p99"),
        "p999_seconds": latency.get("p999"),
        "connections_per_second": result.get("connectionsPerSecond"),
        "rejoins_per_second": result.get("rejoinsPerSecond"),
        "bytes_per_connection": server.get("residentBytesPerConnection"),
        "resident_bytes": server.get("residentBytesAfter"),
        "load_share": load.get("busiestThreadShare"),
    }
    if result.get("sent") is not None and result.get("seconds"):
        values["sent_per_second"] = result["sent"] / result["seconds"]
    if server.get("cpuSecondsPerDelivery") is not None and result.get("payload"):
        values["cpu_seconds_per_megabyte"] = server["cpuSecondsPerDelivery"] / result["payload"] * 1e6
    if server.get("cpuSeconds") is not None and result.get("seconds"):
        values["server_share"] = server["cpuSeconds"] / result["seconds"]
        if result["shape"] == "connect":
            values["cpu_seconds_per_connection"] = server["cpuSeconds"] / result["connections"]
    return {name: value for name, value in values.items() if value is not None}


class StartTest:
    """Measures the time from the start of the program to its first answer, and its memory then."""

    def __call__(self, laboratory, name, watch):
        seconds = []
        for _ in range(STARTS):
            with laboratory.server(name, watch) as server:
                seconds.append(server.start_seconds)
                if len(seconds) == STARTS:
                    Signals.pause(SETTLING)
                    resident = server.resident_bytes()
        return {"start_seconds": statistics.median(seconds), "fresh_bytes": resident}
