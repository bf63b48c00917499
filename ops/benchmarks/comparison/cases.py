"""The cases with their targets, and the curves."""

from typing import NamedTuple

from comparison.k6 import K6Test
from comparison.measuring import LoadTest, StartTest

ROUNDS = 7
CURVE_ROUNDS = 3
# Files that a process needs beside its connections.
OTHER_FILES = 300


class Target(NamedTuple):
    """A bound on a ratio of two contestants, or on a value of one of them."""

    metric: str
    bound: float
    # True for an upper bound, false for a lower one.
    at_most: bool = False
    subject: str = "relay"
    # None for a bound on the subject's own value.
    reference: str | None = "bun"


class Case(NamedTuple):
    name: str
    title: str
    contestants: tuple
    test: object
    # The metrics shown; the first one is also plotted.
    metrics: tuple
    targets: tuple = ()
    rounds: int = ROUNDS


class Curve(NamedTuple):
    """A case for each point of an axis."""

    name: str
    title: str
    axis: str
    metric: str
    points: tuple
    # Builds the load for a point.
    test: object
    is_logarithmic: bool = True
    contestants: tuple = ("relay", "bun")
    rounds: int = CURVE_ROUNDS

    def case(self, point):
        return Case(
            f"{self.name}-{point}", f"{self.title}: {point:,}", self.contestants, self.test(point), (self.metric,),
            rounds=self.rounds)


ALL = ("relay", "bun", "python")
TRAFFIC = ("cpu_seconds_per_delivery", "sends_per_delivery", "p50_seconds", "p99_seconds", "server_share", "load_share")
PARTY = (
    "cpu_seconds_per_delivery", "p50_seconds", "p95_seconds", "state_p50_seconds", "state_p95_seconds", "server_share")
THROUGHPUT = ("deliveries_per_second", *TRAFFIC)


def connections_that_fit(wanted, open_files):
    """As many as one process can open, in full hundreds; the servers have to accept them in one process as well."""
    return min(wanted, (open_files - OTHER_FILES) // 100 * 100)


def idle(connections):
    return LoadTest("idle", seconds=4, warmup=0, connections=connections, members=8)


def all_cases(open_files):
    cases = [
        Case(
            "state-50x4", "`state`: 50 rooms of 4, 64 B, window 4", ALL,
            LoadTest("state", 2, rooms=50, members=4, payload=64, window=4), THROUGHPUT,
            (Target("deliveries_per_second", 1.5),)),
        Case(
            "state-500x8", "`state`: 500 rooms of 8, 256 B, window 4", ALL,
            LoadTest("state", 2, rooms=500, members=8, payload=256, window=4), THROUGHPUT,
            (Target("deliveries_per_second", 1.3),)),
        Case(
            "broadcast-7", "`state`: one room, broadcasts to 7, 64 B, window 1", ("relay", "relay-send", "bun", "python"),
            LoadTest("state", 2, rooms=1, members=8, payload=64, window=1), THROUGHPUT,
            (Target("deliveries_per_second", 1.3),)),
        Case(
            "input-50x8", "`input`: 50 rooms of 8, 64 B, window 4", ALL,
            LoadTest("input", 2, rooms=50, members=8, payload=64, window=4), THROUGHPUT,
            (Target("deliveries_per_second", 10),)),
        Case(
            "paced-100x8", "`paced`: 100 rooms of 8, everybody at 20 Hz, 64 B", ALL,
            LoadTest("paced", 3, rooms=100, members=8, payload=64, rate=20),
            TRAFFIC,
            (Target("cpu_seconds_per_delivery", 0.8, at_most=True), Target("p99_seconds", 1, at_most=True))),
        Case(
            "connect", "`connect`: rooms of 4 come and go, 32 handshakes at a time", ALL,
            LoadTest("connect", connections=connections_that_fit(12_000, open_files), members=4, in_flight=32),
            ("connections_per_second", "cpu_seconds_per_connection", "rejoins_per_second", "p99_seconds", "server_share",
             "load_share"),
            (Target("connections_per_second", 1.4),)),
    ]
    cases.append(Case(
        "k6", "k6: 50 rooms of a display and four phones, inputs at 20 Hz, state at 10 Hz", ("relay", "bun"),
        K6Test(rooms=50, seconds=5), PARTY,
        (Target("cpu_seconds_per_delivery", 0.8, at_most=True), Target("p95_seconds", 1, at_most=True))))
    cases += [
        Case(
            f"idle-{wanted}", f"`idle`: {connections_that_fit(wanted, open_files):,} connections in rooms of 8", contestants,
            idle(connections_that_fit(wanted, open_files)), ("bytes_per_connection", "resident_bytes"),
            (Target("bytes_per_connection", 0.25, at_most=True),))
        for wanted, contestants in [(10_000, ALL), (20_000, ("relay", "bun"))]
    ]
    cases += [
        Case(
            "fresh", "a fresh server", ALL, StartTest(), ("fresh_bytes", "start_seconds"),
            (Target("fresh_bytes", 12e6, at_most=True, reference=None), Target("start_seconds", 1, at_most=True))),
        Case(
            "loops", "`state`: 50 rooms of 4, 64 B, window 4, by event loops", ("relay", "relay-2", "relay-4"),
            LoadTest("state", 2, rooms=50, members=4, payload=64, window=4), THROUGHPUT,
            (Target("deliveries_per_second", 1.7, subject="relay-2", reference="relay"),)),
    ]
    return {case.name: case for case in cases}


def state(**options):
    return LoadTest("state", 1.2, warmup=0.4, **options)


def all_curves(open_files):
    most = connections_that_fit(20_000, open_files)
    curves = [
        Curve(
            "rooms", "Rooms of two", "rooms", "cpu_seconds_per_delivery",
            (1, 3, 10, 30, 100, 300, 1000, 3000, min(10_000, most // 2)),
            lambda rooms: state(rooms=rooms, members=2, payload=64, window=4)),
        Curve(
            "members", "Ten rooms", "members of a room", "cpu_seconds_per_delivery", (2, 4, 8, 16, 32, 64, 128, 200),
            lambda members: state(rooms=10, members=members, payload=64, window=4)),
        Curve(
            "payload", "Eight rooms of four", "bytes of payload", "cpu_seconds_per_delivery",
            tuple(16 * 4 ** step for step in range(8)),
            lambda payload: state(rooms=8, members=4, payload=payload, window=4)),
        Curve(
            "connections", "Idle connections", "connections", "resident_bytes", (1000, 2500, 5000, min(10_000, most), most),
            lambda connections: LoadTest("idle", seconds=2, warmup=0, connections=connections, members=8),
            is_logarithmic=False),
    ]
    return {curve.name: curve for curve in curves}


def short_cases():
    """The cases that CI can afford: the most telling ratios, against one peer.

    Their bounds are the targets or, where less has been reached, the recorded ratios, also without io_uring: below nine
    tenths of a bound, performance has been lost. With two cores the load generator is the limit of `input`, so what
    counts there is the server's own time.
    """
    long = all_cases(open_files=20_000)
    state_case, input_case, memory_case = long["state-50x4"], long["input-50x8"], long["idle-10000"]
    pair, rounds = ("relay", "bun"), 5
    return [
        state_case._replace(
            contestants=pair, rounds=rounds, targets=(Target("deliveries_per_second", 1.2),),
            test=LoadTest("state", 1.5, 0.5, rooms=50, members=4, payload=64, window=4)),
        input_case._replace(
            contestants=pair, rounds=rounds, targets=(Target("cpu_seconds_per_delivery", 0.25, at_most=True),),
            test=LoadTest("input", 1.5, 0.5, rooms=50, members=8, payload=64, window=4)),
        memory_case._replace(
            name="idle-4000", title="`idle`: 4,000 connections in rooms of 8", contestants=pair, rounds=3,
            test=LoadTest("idle", seconds=2, warmup=0, connections=4000, members=8)),
        long["k6"]._replace(
            title="k6: 20 rooms of a display and four phones, inputs at 20 Hz, state at 10 Hz", rounds=1,
            targets=(Target("cpu_seconds_per_delivery", 1.05, at_most=True),), test=K6Test(rooms=20, seconds=3)),
    ]
