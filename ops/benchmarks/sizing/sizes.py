"""The sizes of machines in the capacity table, and the party that is played on them."""

from typing import NamedTuple

# One display, which is the host, and its phones, all at the same rate.
PHONES = 8
CONNECTIONS = PHONES + 1
RATE = 20
# Bytes of `data`: of a phone's input to the display, and of the display's state to all phones.
INPUT_BYTES, STATE_BYTES = 60, 1000
# A state reaches every phone, and as many inputs reach the display.
DELIVERIES = 2 * PHONES * RATE
# The load has one length for all. This one makes as many bytes delivered as the party; more are received than of the
# party, whose inputs are the shorter messages.
LOAD_BYTES = (INPUT_BYTES + STATE_BYTES) // 2

# The part of a machine's processor time that may be in use. The rest is for joins, uneven loops, and the system.
MOST_BUSY = 0.8
# Seconds from when a message was due to its arrival at a receiver.
MOST_P99 = 0.010

# A shared processor of Fly's (fly.io/docs/machines/cpu-performance): it runs this long of each period, in seconds, and
# at full speed from a balance of time that it has not used before, which grows to this many seconds.
SHARED_PERIOD, SHARED_QUOTA, SHARED_BALANCE = 0.080, 0.005, 500
# What a kernel leaves of a machine's 256 MB.
SMALLEST_MEMORY = 208 << 20


class Size(NamedTuple):
    name: str
    label: str
    cores: int
    # The part of each core that may be used for long.
    share: float = 1
    # Bytes that the relay may take of a machine whose memory is short.
    memory: int | None = None

    @property
    def most_cpu(self):
        """In cores."""
        return MOST_BUSY * self.cores * self.share


SHARED = Size(
    "shared", "shared-cpu-1x, 256 MB (Fly's smallest)", 1, SHARED_QUOTA / SHARED_PERIOD, SMALLEST_MEMORY)
SIZES = [SHARED, Size("1", "1 core", 1), Size("2", "2 cores", 2), Size("4", "4 cores", 4)]


def burst_seconds(cpu, share=SHARED.share):
    """How long a full balance lasts at this use of a core; None for ever."""
    return SHARED_BALANCE / (cpu - share) if cpu > share else None
