"""The cases with their targets, and the curves."""

from typing import NamedTuple

from comparison.k6 import K6Test
from comparison.limit import RATES
from comparison.measuring import LoadTest, StartTest

ROUNDS = 5
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

    @property
    def is_large(self):
        return "cpu_seconds_per_megabyte" in self.metrics

    @property
    def has_rate(self):
        """True if the load is to be as fast as the server allows."""
        return any(metric in RATES for metric in self.metrics)


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


PAIR = ("relay", "bun")
ALL = (*PAIR, "python")
TRAFFIC = ("cpu_seconds_per_delivery", "sends_per_delivery", "p50_seconds", "p99_seconds", "server_share", "load_share")
PACED = (
    "cpu_seconds_per_delivery", "sends_per_delivery", "p50_seconds", "p99_seconds", "p999_seconds", "server_share",
    "load_share")
PARTY = (
    "cpu_seconds_per_delivery", "p50_seconds", "p95_seconds", "state_p50_seconds", "state_p95_seconds", "server_share")
THROUGHPUT = ("deliveries_per_second", *TRAFFIC)
LARGE = (
    "cpu_seconds_per_megabyte", "deliveries_per_second", "sends_per_delivery", "p50_seconds", "p99_seconds",
    "server_share", "load_share")
KIB, MIB = 1024, 1024 * 1024


def connections_that_fit(wanted, open_files):
    """As many as one process can open, in full hundreds; the servers have to accept them in one process as well."""
    return min(wanted, (open_files - OTHER_FILES) // 100 * 100)


def idle(connections):
    return LoadTest("idle", seconds=1, warmup=0, connections=connections, members=8)


def at_most(metric, bound, **others):
    return Target(metric, bound, at_most=True, **others)


def all_cases(open_files):
    cases = [*message_cases(), *large_cases(), *connection_cases(open_files), *process_cases()]
    return {case.name: case for case in cases}


def message_cases():
    return [
        Case(
            "state-50x4", "`state`: 50 rooms of 4, 64 B, window 4", ALL,
            LoadTest("state", 2, rooms=50, members=4, payload=64, window=4), THROUGHPUT,
            (at_most("cpu_seconds_per_delivery", 0.55), Target("deliveries_per_second", 1.5))),
        Case(
            "state-500x8", "`state`: 500 rooms of 8, 256 B, window 4", PAIR,
            LoadTest("state", 2, rooms=500, members=8, payload=256, window=4), THROUGHPUT,
            (at_most("cpu_seconds_per_delivery", 0.75), Target("deliveries_per_second", 1.3))),
        Case(
            "broadcast-7", "`state`: one room, broadcasts to 7, 64 B, window 1", ("relay", "relay-send", "bun"),
            LoadTest("state", 2, rooms=1, members=8, payload=64, window=1), THROUGHPUT,
            (at_most("cpu_seconds_per_delivery", 0.75), Target("deliveries_per_second", 1.3))),
        Case(
            "input-50x8", "`input`: 50 rooms of 8, 64 B, window 4", ALL,
            LoadTest("input", 2, rooms=50, members=8, payload=64, window=4), THROUGHPUT,
            (at_most("cpu_seconds_per_delivery", 0.14), Target("deliveries_per_second", 10))),
        Case(
            "paced-100x8", "`paced`: 100 rooms of 8, everybody at 20 Hz, 64 B", ALL,
            LoadTest("paced", 3, rooms=100, members=8, payload=64, rate=20), PACED,
            (at_most("cpu_seconds_per_delivery", 0.8), at_most("p99_seconds", 1))),
        Case(
            "half-load", "`paced`, half load: 240 rooms of 8, everybody at 20 Hz, 64 B, 67,200 deliveries/s", PAIR,
            LoadTest("paced", 3, rooms=240, members=8, payload=64, rate=20), PACED,
            (at_most("cpu_seconds_per_delivery", 0.8), at_most("p999_seconds", 1))),
        Case(
            "k6", "k6: 50 rooms of a display and four phones, inputs at 20 Hz, state at 10 Hz", PAIR,
            K6Test(rooms=50, seconds=4), PARTY,
            (at_most("cpu_seconds_per_delivery", 0.8), at_most("p95_seconds", 1))),
    ]


def broadcast(guests, payload, window, seconds=1.5, slow=0):
    """One room whose host sends long messages to so many guests, of whom some fall behind."""
    behind = {"slow": slow} if slow else {}
    return LoadTest("state", seconds, 0.5, rooms=1, members=guests + 1, payload=payload, window=window, **behind)


def size(payload):
    return f"{payload // MIB} MiB" if payload % MIB == 0 else f"{payload // KIB} KiB"


def large(name, guests, payload, window, bound, slow=0):
    behind = f", of whom {slow} fall behind" if slow else ""
    return Case(
        f"{name}-{guests}x{size(payload).replace(' ', '')}",
        f"{name}: broadcasts of {size(payload)} to {guests}{behind}, window {window}", PAIR,
        broadcast(guests, payload, window, slow=slow), LARGE, (at_most("cpu_seconds_per_megabyte", bound),))


def large_cases():
    """Broadcasts of long messages. With a wider window, of 3 MiB, those that fall behind have messages waiting for them
    at the server, but fewer than it would close them for."""
    return [
        large("large", 100, 16 * KIB, window=4, bound=0.47),
        large("large", 100, 64 * KIB, window=4, bound=0.32),
        large("large", 100, MIB, window=2, bound=0.76),
        large("large", 7, 256 * KIB, window=2, bound=0.28),
        large("large", 7, MIB, window=2, bound=0.67),
        large("behind", 100, 64 * KIB, window=48, bound=0.8, slow=10),
        large("behind", 7, 256 * KIB, window=12, bound=0.8, slow=2),
    ]


def connection_cases(open_files):
    connect = Case(
        "connect", "`connect`: rooms of 4 come and go, 32 handshakes at a time", PAIR,
        LoadTest("connect", connections=connections_that_fit(12_000, open_files), members=4, in_flight=32),
        ("connections_per_second", "cpu_seconds_per_connection", "rejoins_per_second", "p99_seconds", "server_share",
         "load_share"),
        (at_most("cpu_seconds_per_connection", 0.65), Target("connections_per_second", 1.4)))
    idles = [
        Case(
            f"idle-{wanted}", f"`idle`: {connections_that_fit(wanted, open_files):,} connections in rooms of 8", PAIR,
            idle(connections_that_fit(wanted, open_files)), ("bytes_per_connection", "resident_bytes"),
            (at_most("bytes_per_connection", bound),))
        for wanted, bound in [(10_000, 0.11), (20_000, 0.2)]
    ]
    return [connect, *idles]


def process_cases():
    return [
        Case(
            "fresh", "a fresh server", ALL, StartTest(), ("fresh_bytes", "start_seconds"),
            (at_most("fresh_bytes", 10e6, reference=None), at_most("start_seconds", 0.4))),
        Case(
            "loops", "`state`: 50 rooms of 4, 64 B, window 4, by event loops", ("relay", "relay-2", "relay-4"),
            LoadTest("state", 2, rooms=50, members=4, payload=64, window=4), THROUGHPUT,
            (Target("deliveries_per_second", 1.7, subject="relay-2", reference="relay"),)),
    ]


def state(**options):
    return LoadTest("state", 1.2, warmup=0.4, **options)


def all_curves(open_files):
    most = connections_that_fit(20_000, open_files)
    curves = [
        Curve(
            "rooms", "Rooms of two", "rooms", "cpu_seconds_per_delivery",
            (1, 3, 10, 100, 1000, min(10_000, most // 2)),
            lambda rooms: state(rooms=rooms, members=2, payload=64, window=4)),
        Curve(
            "members", "Ten rooms", "members of a room", "cpu_seconds_per_delivery", (2, 4, 8, 16, 64, 200),
            lambda members: state(rooms=10, members=members, payload=64, window=4)),
        Curve(
            "payload", "Eight rooms of four", "bytes of payload", "cpu_seconds_per_delivery",
            tuple(16 * 4 ** step for step in range(8)),
            lambda payload: state(rooms=8, members=4, payload=payload, window=4)),
        Curve(
            "connections", "Idle connections", "connections", "resident_bytes", (1000, 5000, min(10_000, most), most),
            lambda connections: LoadTest("idle", seconds=1, warmup=0, connections=connections, members=8),
            is_logarithmic=False),
    ]
    return {curve.name: curve for curve in curves}


def short_cases():
    """The cases that CI can afford: the most telling ratios, against one peer.

    Their bounds hold on any machine, also without io_uring: below nine tenths of a bound, performance has been lost.
    Where the machine is like the one of the last figures, what was reached there holds instead, if it is more. With two
    cores the load generator is often the limit, so what counts is the server's own time.
    """
    long = all_cases(open_files=20_000)

    def short(of, rounds, test, *targets, **changes):
        return long[of]._replace(contestants=PAIR, rounds=rounds, test=test, targets=targets, **changes)

    return [
        short(
            "state-50x4", 5, LoadTest("state", 1, 0.3, rooms=50, members=4, payload=64, window=4),
            at_most("cpu_seconds_per_delivery", 0.85)),
        short(
            "input-50x8", 5, LoadTest("input", 1, 0.3, rooms=50, members=8, payload=64, window=4),
            at_most("cpu_seconds_per_delivery", 0.25)),
        short("large-7x256KiB", 3, broadcast(7, 256 * KIB, 2, seconds=1), at_most("cpu_seconds_per_megabyte", 0.8)),
        short("large-100x64KiB", 3, broadcast(100, 64 * KIB, 4, seconds=1), at_most("cpu_seconds_per_megabyte", 0.8)),
        short(
            "connect", 3, LoadTest("connect", warmup=0.3, connections=4000, members=4, in_flight=32),
            at_most("cpu_seconds_per_connection", 1)),
        short(
            "idle-10000", 3, LoadTest("idle", seconds=1, warmup=0, connections=4000, members=8),
            at_most("bytes_per_connection", 0.25), name="idle-4000", title="`idle`: 4,000 connections in rooms of 8"),
        # Both take a few milliseconds, of which others on the machine take their part.
        short("fresh", 3, StartTest(), at_most("start_seconds", 1.5)),
        short(
            "k6", 1, K6Test(rooms=20, seconds=3), at_most("cpu_seconds_per_delivery", 1.05),
            title="k6: 20 rooms of a display and four phones, inputs at 20 Hz, state at 10 Hz"),
    ]
