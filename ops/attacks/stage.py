"""One attack on one relay: the relay is started for it, and measured until long after the attackers have left."""

import http.client
import multiprocessing.connection
import os
import pathlib
import signal
import tempfile
import time
from typing import NamedTuple, Optional

import memory
import metrics
import quiet
from actors import FIRST, Actor, Failed
from honest import guest, host
from processes import STOP_DEADLINE, Part
from surroundings import confine, free_port, shrink_buffers
from verdicts import MIB, Latencies, Measured

# Seconds from the end of an attack to the measurement of what is left.
REST = 10.0
# Seconds that honest readers have for what a sender has sent: the relay may pause him until others are out of the way.
PATIENCE = 30.0
# Ports that are tried.
PORTS = 5
COUNTERS = ["limits", "closes", "errors", "joins", "messages_received", "deliveries", "sends"]


class Setting(NamedTuple):
    """What surrounds an attack."""

    binary: str
    loops: int
    seconds: float
    buffered_limit: int = 96 * MIB
    rest_seconds: float = REST
    has_small_buffers: bool = False
    cgroup_bytes: Optional[int] = None
    environment: dict = {}


class Result(NamedTuple):
    """What was measured, and what helps to understand it."""

    measured: Measured
    quiet_rooms: int
    # How late the one who measures was himself, for want of a processor.
    lateness: Latencies
    quiet_curve: list
    curve: list
    # What counters have gained, by the name of the counter.
    counted: dict
    # The relay's own account of its buffers when it was at rest.
    buffered_at_rest: float
    cgroup_peak: Optional[int]


class Stage:
    """A relay under attack, and the actors."""

    def __init__(self, setting, folder):
        self.setting = setting
        self.actors, self.wronged = [], []
        self.cgroup = confine(setting.cgroup_bytes)
        for _ in range(PORTS):
            self.address = ("127.0.0.1", free_port())
            self.relay = self.start(pathlib.Path(folder) / "relay.log")
            if self.wait_until_healthy():
                return
            story = self.relay.story()
            self.kill()
        self.leave_cgroup()
        raise Failed(story)

    def start(self, log):
        # The rooms of an attack that is over are gone when its rest is measured.
        environment = {
            "EMPTY_GRACE_SECONDS": "2", "PATH": os.environ.get("PATH", ""), "HOST": self.address[0], "PORT": str(self.address[1]),
            "RELAY_THREADS": str(self.setting.loops), "MAX_BUFFERED_BYTES": str(self.setting.buffered_limit)}
        return Part(
            "relay", log, [self.setting.binary], env=environment | self.setting.environment, enter=self.enter)

    def wait_until_healthy(self):
        """False if it has ended: another process may have taken its port."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.relay.end() is None:
            if self.get("/health")[0] == 200:
                return True
            time.sleep(0.02)
        return False

    def enter(self):
        os.setpriority(os.PRIO_PROCESS, 0, FIRST)
        if self.cgroup is not None:
            self.cgroup.enter()

    def act(self, role, *arguments, **options):
        actor = Actor(role, *arguments, **options)
        self.actors.append(actor)
        return actor

    def hold(self, seconds=None):
        """Lets the attack go on, as long as the relay lives."""
        deadline = time.monotonic() + (self.setting.seconds if seconds is None else seconds)
        while time.monotonic() < deadline and self.relay.end() is None:
            time.sleep(0.1)

    def judge_honest(self, sending, honest, expected):
        """Cues a sender and its readers, and notes what went wrong for them."""
        sending.cue()
        ready = multiprocessing.connection.wait([sending.channel, honest.channel], PATIENCE)
        if honest.channel not in ready:
            # The sender is closed, or patience ends.
            honest.cue()
        fates = honest.hear()
        if sending.channel not in ready:
            sending.cue()
        if (end := sending.hear(2 * PATIENCE)) is not None:
            self.wronged.append(f"the sender: {end}")
        if ends := [end for end, _ in fates if end]:
            self.wronged.append(f"{len(ends)} of {len(fates)} readers: {ends[0]}")
        if lacking := [heard for end, heard in fates if not end and heard != expected]:
            self.wronged.append(f"{len(lacking)} of {len(fates)} readers have {lacking[0]} of {expected} messages")

    def wait_for_members(self, code, count, patience=60.0):
        self.wait_for(f"{count} members are not there", lambda: self.members(code) >= count, patience)

    def members(self, code):
        status, body = self.get(f"/room/{code}")
        return int(body.split(b'"clients":')[1].split(b",")[0]) if status == 200 else 0

    def wait_for(self, what, condition, patience=20.0):
        deadline = time.monotonic() + patience
        while not condition():
            if self.relay.end() is not None:
                raise Failed("the relay has ended")
            if time.monotonic() > deadline:
                raise Failed(what)
            time.sleep(0.05)

    def get(self, path):
        connection = http.client.HTTPConnection(*self.address, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def warm_up(self):
        """What is used for the first time takes memory that stays; that is no growth."""
        members = [opened for _ in range(10) for opened in self.small_room()]
        for _ in range(20):
            metrics.scrape(self.address)
        for each in members:
            each.channel.close()
        time.sleep(0.5)

    def small_room(self):
        opened, code = host(self.address, 8)
        return [opened, *(guest(self.address, code) for _ in range(4))]

    def measure(self, play, rests):
        self.warm_up()
        self.quiet = Actor(quiet.measure, self.address, self.setting.loops, niceness=FIRST)
        self.watch = Actor(memory.watch, self.relay.pid, niceness=FIRST)
        rooms = self.quiet.hear()
        start, before = memory.resident(self.relay.pid), metrics.scrape(self.address)
        self.quiet.cue()
        failure = None
        try:
            play(self)
        except Failed as reason:
            failure = reason
        if self.relay.end() is not None:
            return self.dead(start)
        self.quiet.cue()
        latencies, health, lateness, quiet_curve, ends = self.quiet.hear()
        for each in self.actors:
            each.send_away()
        self.actors.clear()
        peak = memory.peak(self.relay.pid)
        rests()
        self.hold(self.setting.rest_seconds)
        if self.relay.end() is not None:
            return self.dead(start)
        rest, after = memory.resident(self.relay.pid), metrics.scrape(self.address)
        self.watch.cue()
        wronged = [f"{len(ends)} in quiet rooms: {ends[0]}"] if ends else []
        wronged += self.wronged + ([str(failure)] if failure else [])
        measured = Measured(
            self.setting.buffered_limit, start, max(peak, memory.peak(self.relay.pid)), rest, None, latencies, health,
            metrics.highest_bucket(before, after, "party_sockets_turn_seconds"), tuple(wronged))
        return Result(
            measured, rooms, lateness, quiet_curve, self.watch.hear(),
            {name: metrics.increases(before, after, f"party_sockets_{name}_total") for name in COUNTERS}, after["party_sockets_buffered_bytes", ()], self.cgroup.peak() if self.cgroup else None)

    def dead(self, start):
        none = Latencies.of([])
        self.watch.cue()
        curve = self.watch.hear()
        measured = Measured(
            self.setting.buffered_limit, start, max([size for _, size in curve], default=0), 0, self.relay.story(),
            none, none, 0.0, tuple(self.wronged))
        return Result(measured, 0, none, [], curve, {}, 0, self.cgroup.peak() if self.cgroup else None)

    def close(self):
        for each in [*self.actors, *(getattr(self, name) for name in ["quiet", "watch"] if hasattr(self, name))]:
            each.send_away()
        self.kill()
        self.leave_cgroup()

    def leave_cgroup(self):
        if self.cgroup is not None:
            self.cgroup.remove()

    def kill(self):
        self.relay.signal(signal.SIGKILL)
        self.relay.stop(time.monotonic() + STOP_DEADLINE)


def attack(setting, play, rests=lambda: None):
    """The result of an attack. `rests` is called when the attackers have left, and nothing remains but to wait."""
    if setting.has_small_buffers:
        shrink_buffers()
    with tempfile.TemporaryDirectory(prefix="party-sockets-attack.") as folder:
        stage = Stage(setting, folder)
        try:
            return stage.measure(play, rests)
        finally:
            stage.close()
