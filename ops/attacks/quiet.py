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
    """A host that sends a number to its guest at a fixed pace, whatever the relay does, and a guest that sends it back.

    Latencies count from the time at which a message was due.
    """

    def __init__(self, opened, code, address):
        self.host, self.guest = opened, guest(address, code)
        self.host.first()
        for member in [self.host, self.guest]:
            member.channel.setblocking(False)
        self.due, self.next = {}, 0
        self.sample = []

    def send(self, member, to, value):
        try:
            member.channel.send(text(type="send", to=to, data=value))
        except OSError as error:
            member.end = member.end or str(error)

    def tick(self, moment):
        self.due[self.next, 1] = moment
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
                self.due[number, 0] = now
                self.send(self.guest, 0, number)

    def note(self, number, to, now):
        due = self.due.pop((number, to), None)
        if due is not None:
            self.sample.append(now - due)

    def outcome(self, now):
        """The latencies; what has not arrived counts as long as it has been waited for."""
        ends = [member.end for member in [self.host, self.guest] if member.end]
        return Latencies.of(self.sample + [now - due for due in self.due.values()]), ends


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


def measure(prompt, address, loops):
    """An actor: opens its rooms, tells so, and measures from a first cue to a second one. Tells what it measured: the
    latencies in the worst room, those of /health, and how many members were closed, in words."""
    rooms = open_rooms(address, loops)
    selector = selectors.DefaultSelector()
    for room in rooms:
        for member in [room.host, room.guest]:
            selector.register(member.channel, selectors.EVENT_READ, (room, member))
    selector.register(prompt.channel, selectors.EVENT_READ)
    health = Health(address, selector)
    prompt.tell(len(rooms))
    is_measuring = False
    now = next_tick = next_health = time.monotonic()
    while True:
        while next_tick <= now:
            for room in rooms:
                room.tick(next_tick)
            next_tick += INTERVAL
        while next_health <= now:
            health.ask(next_health)
            next_health += HEALTH_INTERVAL
        for key, mask in selector.select(max(min(next_tick, next_health) - time.monotonic(), 0)):
            if key.data is None:
                prompt.wait()
                now = time.monotonic()
                if is_measuring:
                    outcomes = [room.outcome(now) for room in rooms]
                    ends = [end for _, each in outcomes for end in each]
                    prompt.tell((max((latencies for latencies, _ in outcomes), key=lambda each: each.p99),
                                 health.outcome(now), ends))
                    return prompt.wait()
                is_measuring = True
                for each in [*rooms, health]:
                    each.sample.clear()
            elif key.data is health:
                health.act(key.fileobj, mask)
            else:
                room, member = key.data
                room.hear(member, time.monotonic())
                if member.end is not None:
                    selector.unregister(member.channel)
        now = time.monotonic()
