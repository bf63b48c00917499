"""Quiet rooms beside an attack, one on each event loop, and how long their messages take."""

import json
import selectors
import socket
import time

from codes import owner
from honest import Member, created, guest
from verdicts import Latencies
from wire import create, identity, text

INTERVAL = 0.015
HEALTH_INTERVAL = 0.1
HEALTH = b"GET /health HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n"
# Rooms that are opened until each loop has one.
MOST_ROUNDS, AT_ONCE = 8, 64


class QuietRoom:
    """A host that sends a number to its guest at a fixed pace, whatever the relay does; the guest sends it back."""

    def __init__(self, opened, code, address):
        self.host, self.guest = opened, guest(address, code)
        self.host.first()
        for member in [self.host, self.guest]:
            member.channel.setblocking(False)
        # By number and receiver, when it was sent.
        self.sent, self.next = {}, 0
        self.sample = []
        # By the quarter of a second in which it came, the longest.
        self.slowest = {}

    def send(self, member, to, value):
        try:
            member.channel.send(text(type="send", to=to, data=value))
        except OSError as error:
            member.end = member.end or str(error)

    def tick(self, now):
        self.sent[self.next, 1] = now
        self.send(self.host, 1, self.next)
        self.next += 1

    def hear(self, member, now):
        for payload in member.receive():
            message = json.loads(payload)
            if message["type"] != "message":
                continue
            number = message["data"]
            self.note(number, 1 if member is self.guest else 0, now)
            if member is self.guest:
                self.sent[number, 0] = now
                self.send(self.guest, 0, number)

    def note(self, number, to, now):
        sent = self.sent.pop((number, to), None)
        if sent is not None:
            self.sample.append(now - sent)
            quarter = int(now * 4) / 4
            self.slowest[quarter] = max(self.slowest.get(quarter, 0.0), now - sent)

    def outcome(self, now):
        """The latencies; what has not arrived counts as long as it has been waited for."""
        ends = [member.end for member in [self.host, self.guest] if member.end]
        return Latencies.of(self.sample + [now - sent for sent in self.sent.values()]), ends


class Health:
    """Asks for /health on connections of its own, at a fixed pace."""

    def __init__(self, address, selector):
        self.address, self.selector = address, selector
        self.open, self.sample = {}, []

    def ask(self, moment):
        channel = socket.socket()
        channel.setblocking(False)
        channel.connect_ex(self.address)
        self.open[channel] = moment
        self.selector.register(channel, selectors.EVENT_WRITE, self)

    def act(self, channel, mask):
        try:
            if mask & selectors.EVENT_WRITE:
                channel.sendall(HEALTH)
                self.selector.modify(channel, selectors.EVENT_READ, self)
                return
            channel.recv(1000)
            self.sample.append(time.monotonic() - self.open[channel])
        except OSError:
            # Not even taken: it counts as a long wait.
            self.sample.append(60.0)
        self.selector.unregister(channel)
        channel.close()
        del self.open[channel]

    def outcome(self, now):
        return Latencies.of(self.sample + [now - since for since in self.open.values()])


def open_rooms(address, loops):
    """A quiet room for each loop; for fewer, where no connection gets to one of the loops."""
    rooms = {}
    for _ in range(MOST_ROUNDS):
        # All at once, since one loop may take all that come alone.
        opened = [Member(address, create(identity(), 4)) for _ in range(AT_ONCE)]
        for each in opened:
            code = created(each)
            loop = owner(code, loops)
            if loop in rooms:
                each.channel.close()
            else:
                rooms[loop] = QuietRoom(each, code, address)
        if len(rooms) == loops:
            break
    return list(rooms.values())


class Meter:
    """Drives quiet rooms and /health from one loop, which waits for nothing but the time and the next answer.

    `lateness` is how long after its time each tick came: what this machine, and not the relay, does to the figures.
    """

    def __init__(self, address, loops):
        self.selector = selectors.DefaultSelector()
        self.rooms = open_rooms(address, loops)
        for room in self.rooms:
            for member in [room.host, room.guest]:
                self.selector.register(member.channel, selectors.EVENT_READ, (room, member))
        self.health = Health(address, self.selector)
        self.lateness = []
        self.next_tick = self.next_health = time.monotonic()

    def run(self, prompt):
        """Until the next cue."""
        while not prompt.is_cued():
            self.tick(time.monotonic())
            for key, mask in self.selector.select(max(min(self.next_tick, self.next_health) - time.monotonic(), 0)):
                if key.data is self.health:
                    self.health.act(key.fileobj, mask)
                else:
                    self.hear(*key.data)
        prompt.wait()

    def tick(self, now):
        if self.next_tick <= now:
            self.lateness.append(now - self.next_tick)
            for room in self.rooms:
                room.tick(now)
            self.next_tick = max(self.next_tick + INTERVAL, now)
        if self.next_health <= now:
            self.health.ask(now)
            self.next_health = max(self.next_health + HEALTH_INTERVAL, now)

    def hear(self, room, member):
        room.hear(member, time.monotonic())
        if member.end is not None:
            self.selector.unregister(member.channel)

    def forget(self):
        self.started = time.monotonic()
        for each in [*self.rooms, self.health]:
            each.sample.clear()
        for room in self.rooms:
            room.slowest.clear()
        self.lateness.clear()

    def outcome(self):
        """Latencies in the worst room, of /health, and of the ticks; the curve of that room, as seconds since the
        beginning and the longest latency; and why members were closed, in words."""
        now = time.monotonic()
        outcomes = [(*room.outcome(now), room) for room in self.rooms]
        worst, _, room = max(outcomes, key=lambda each: each[0].p99)
        curve = [(round(quarter - self.started, 2), round(latency, 4)) for quarter, latency in room.slowest.items()]
        ends = [end for _, each, _ in outcomes for end in each]
        return worst, self.health.outcome(now), Latencies.of(self.lateness), curve, ends


def measure(prompt, address, loops):
    """An actor: opens its rooms, tells how many, and measures from a first cue to a second one."""
    meter = Meter(address, loops)
    prompt.tell(len(meter.rooms))
    meter.run(prompt)
    meter.forget()
    meter.run(prompt)
    prompt.tell(meter.outcome())
    prompt.wait()
