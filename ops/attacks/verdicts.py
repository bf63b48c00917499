"""What must hold under an attack, and what of it does not."""

from typing import NamedTuple, Optional

MIB = 1 << 20
# Beside what the relay buffers: its code, its tables, what the allocator has not given back.
BESIDE_BUFFERS = 64 * MIB
GROWTH_AT_REST = 8 * MIB
LONGEST_TURN = QUIET_P99 = 0.05


class Latencies(NamedTuple):
    """Of a sample, in seconds."""

    p50: float
    p99: float
    longest: float
    count: int

    @classmethod
    def of(cls, sample):
        ordered = sorted(sample)
        if not ordered:
            return cls(0.0, 0.0, 0.0, 0)

        def quantile(share):
            return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
        return cls(quantile(0.5), quantile(0.99), ordered[-1], len(ordered))


class Measured(NamedTuple):
    """What came of one attack on one relay."""

    buffered_limit: int
    start_bytes: int
    peak_bytes: int
    rest_bytes: int
    # How the relay ended before it was asked to; None if it lives.
    fate: Optional[str]
    # The quiet room whose 99th percentile is the worst.
    quiet: Latencies
    health: Latencies
    longest_turn: float
    # Of members that did nothing wrong: what went wrong for them, in words.
    wronged: tuple = ()


class Strictness(NamedTuple):
    """The bounds on time, in seconds; those on memory are always the same."""

    quiet_p99: float
    longest_turn: float


STRICT = Strictness(QUIET_P99, LONGEST_TURN)
# For machines on which other programs compute: what a stall of the relay's own would exceed all the same.
LOOSE = Strictness(3.0, float("inf"))


def violations(measured, strictness):
    """In words; none if all holds."""
    if measured.fate is not None:
        return [f"the relay is dead: {measured.fate}"]
    found = []
    most = measured.buffered_limit + BESIDE_BUFFERS
    if measured.peak_bytes > most:
        found.append(f"peak {mib(measured.peak_bytes)} of {mib(most)} MiB")
    if measured.rest_bytes > measured.start_bytes + GROWTH_AT_REST:
        found.append(f"rest {mib(measured.rest_bytes)} MiB, start {mib(measured.start_bytes)}")
    if measured.quiet.count == 0:
        found.append("the quiet room heard nothing")
    if measured.quiet.p99 >= strictness.quiet_p99:
        found.append(f"quiet p99 {measured.quiet.p99 * 1e3:.0f} ms")
    if measured.longest_turn > strictness.longest_turn:
        found.append(f"a turn of over {strictness.longest_turn * 1e3:.0f} ms")
    return found + list(measured.wronged)


def mib(size):
    return f"{size / MIB:.0f}"
