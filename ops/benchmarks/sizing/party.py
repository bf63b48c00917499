"""One party of which every byte is known: what the calculation of the bandwidth is compared with."""

import contextlib
import re
import socket
import time

# Of deploy/local/checks: a client for tests.
from websocket import FINAL, PING, TEXT, WebSocket, frame

from processes import Signals
from sizing.bandwidth import (
    Bytes, Compared, asking, client_ping, compact, delivered, input_message, resting, size, state_message)
from sizing.sizes import CONNECTIONS, PHONES

TURNS = 40
EMPTY_PING, PONG = bytes([FINAL | PING, 0]), frame(0xA, b"")
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n"


class Counter:
    """The relay's count of its bytes without those of the questions for it. A question is counted in its own answer,
    the answer in the next."""

    def __init__(self, port):
        self.port = port
        self.questions, self.answers = 0, 0

    def read(self):
        with socket.create_connection(("127.0.0.1", self.port), 5) as channel:
            channel.sendall(REQUEST)
            page = b"".join(iter(lambda: channel.recv(65536), b""))
        self.questions += len(REQUEST)
        received, sent = (
            int(float(re.search(rf"^party_sockets_{name}_bytes_total\{{.*\}} (\S+)$", page.decode(), re.M)[1]))
            for name in ["received", "sent"])
        counted = Bytes(received - self.questions, sent - self.answers)
        self.answers += len(page)
        return counted


@contextlib.contextmanager
def members(server):
    """A display and its phones in one room."""
    with contextlib.ExitStack() as stack:
        def enter(message):
            member = stack.enter_context(WebSocket(server.url, "/"))
            return member, member.ask(message)
        display, created = enter({"type": "create", "clientId": "display", "maxClients": CONNECTIONS})
        phones = [
            enter({"type": "join", "clientId": f"phone {number}", "room": created["room"]})[0]
            for number in range(PHONES)]
        # Everybody has heard of who came later.
        for place, member in enumerate([display, *phones]):
            for _ in range(PHONES - place):
                member.receive()
        yield display, phones


def play(server):
    """Turns in which each phone sends an input and the display its state, and all have arrived at the end of each."""
    counter = Counter(server.port)
    with members(server) as (display, phones):
        before = counter.read()
        for _ in range(TURNS):
            for phone in phones:
                phone.channel.sendall(masked(input_message()))
            display.channel.sendall(masked(state_message()))
            for phone in phones:
                phone.receive()
                display.receive()
        after = counter.read()
    received = PHONES * size(input_message(), True) + size(state_message(), True)
    sent = PHONES * size(delivered(state_message(), 0), False) + sum(
        size(delivered(input_message(), number), False) for number in range(1, PHONES + 1))
    return compared(Bytes(TURNS * received, TURNS * sent), before, after)


def rest(server, idle_seconds, rounds):
    """Pings that are answered as a browser does, so many of each member. The relay must ping after half of these
    seconds."""
    counter = Counter(server.port)
    with members(server) as (display, phones):
        before, asked = counter.read(), [0] * CONNECTIONS
        deadline = time.monotonic() + idle_seconds * (rounds + 1)
        while min(asked) < rounds and time.monotonic() < deadline:
            for number, member in enumerate([display, *phones]):
                asked[number] += answer(member)
            Signals.pause(0.01)
        # The last pongs have arrived.
        Signals.pause(idle_seconds / 8)
        after = counter.read()
    one = resting(seconds=1)
    pings = sum(asked) / CONNECTIONS
    return compared(Bytes(round(one.received * pings), round(one.sent * pings)), before, after)


def ask(server, rounds):
    """Pings of the project's client, so many of each member."""
    counter = Counter(server.port)
    with members(server) as (display, phones):
        before = counter.read()
        for _ in range(rounds):
            for member in [display, *phones]:
                member.channel.sendall(masked(client_ping()))
                member.receive()
        after = counter.read()
    one = asking(seconds=1)
    return compared(Bytes(round(rounds * one.received), round(rounds * one.sent)), before, after)


def answer(member):
    """The number of pings that have arrived, each of which is answered."""
    try:
        arrived = member.channel.recv(64, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return 0
    pings = arrived.count(EMPTY_PING)
    member.channel.sendall(pings * PONG)
    return pings


def masked(message):
    return frame(TEXT, compact(message))


def compared(calculated, before, after):
    return Compared(calculated, Bytes(after.received - before.received, after.sent - before.sent))
