"""Trials of the relay: parties on cores of its own, and connections that are only held."""

import contextlib
import pathlib
import re

from comparison.contestants import Contestant
from comparison.measuring import LoadFailed, LoadTest, Watch
from comparison.placement import place
from processes import Signals
from sizing.confinement import Confinement
from sizing.memory import Held
from sizing.search import Trial
from sizing.sizes import CONNECTIONS, LOAD_BYTES, RATE

# Seconds that a fresh server has to come to rest.
SETTLING = 0.5
# In progress at once, of connections that are only held.
HANDSHAKES = 256


def contestant(loops, **environment):
    """The relay with its limits as they are without any variable."""
    return Contestant(f"relay-{loops}", "Party-Sockets", "relay", {"RELAY_THREADS": str(loops)} | environment, loops)


@contextlib.contextmanager
def confined(memory, quota=None):
    """The control group, as far as this machine allows one; None if it does not."""
    try:
        group = Confinement(memory, quota)
    except OSError:
        yield None
        return
    try:
        yield group
    finally:
        group.remove()


class Trials:
    """Trials in one laboratory, so many seconds each."""

    def __init__(self, laboratory, seconds):
        self.laboratory = laboratory
        self.seconds = seconds

    def play(self, rooms, loops, group=None):
        watch = Watch(place(self.laboratory.cores, loops))
        test = LoadTest("paced", self.seconds, rooms=rooms, members=CONNECTIONS, payload=LOAD_BYTES, rate=RATE)
        due = rooms * CONNECTIONS * RATE
        values, failure = {}, ""
        try:
            with self.laboratory.run(contestant(loops), watch, group.enter if group else lambda: None) as server:
                values = test.load(self.laboratory, server, watch)
        except LoadFailed as reason:
            failure = str(reason)
        judgement = watch.judgement()
        return Trial(
            rooms, values.get("server_share", 0), values.get("p99_seconds", 0), values.get("deliveries_per_second", 0),
            values.get("resident_bytes", 0), values.get("load_share", 0), values.get("sent_per_second", 0) / due,
            judgement.severity, str(judgement), failure)

    def fresh(self):
        """Of a relay that nobody has connected to: its resident memory, and the connections that it would take with the
        open files that there are."""
        with self.server() as server:
            Signals.pause(SETTLING)
            [most] = server.metrics("party_sockets_max_connections")
            return server.resident_bytes(), int(most)

    def hold(self, connections, members):
        """So many connections without traffic, `members` to a room; with 0 in no room."""
        watch = Watch(place(self.laboratory.cores))
        test = LoadTest(
            "idle", seconds=1, warmup=0, connections=connections, members=members, in_flight=HANDSHAKES)
        before, most = unreclaimable_bytes(), 0
        def look():
            nonlocal most
            most = max(most, unreclaimable_bytes())
        with self.laboratory.run(contestant(1), watch) as server:
            values = test.load(self.laboratory, server, watch, look)
        whole = connections // members * members if members else connections
        return Held(whole, whole // members if members else 0, values["resident_bytes"], most - before)

    @contextlib.contextmanager
    def server(self, **environment):
        watch = Watch(place(self.laboratory.cores))
        with self.laboratory.run(contestant(1, **environment), watch) as server:
            yield server


def unreclaimable_bytes():
    """What the kernel's own objects take, sockets among them."""
    text = pathlib.Path("/proc/meminfo").read_text()
    return int(re.search(r"^SUnreclaim:\s+(\d+) kB", text, re.M)[1]) * 1024
