"""Members that do nothing wrong, and whom an attack must not touch."""

import json
import select
import socket
import struct
import time

from websocket import FINAL, PING, TEXT
from wire import ALIVE, CLOSE, create, dial, identity, join, upgrade

# The bytes of a message to others, in front of its data.
PREFIX = b'{"type":"message"'


class Member:
    """A WebSocket that reads all that comes, without waiting."""

    def __init__(self, address, opening):
        self.channel = dial(address, receive=None)
        self.channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.channel.sendall(upgrade() + opening)
        self.pending = bytearray()
        self.end = None
        self.is_open = False

    def receive(self):
        """The payloads of the text messages that have come; waits for the first bytes as long as its socket does."""
        try:
            chunk = self.channel.recv(1 << 20)
        except BlockingIOError:
            return []
        except OSError as error:
            self.end = self.end or str(error)
            return []
        if not chunk:
            self.end = self.end or "the connection ended"
        self.pending += chunk
        try:
            return list(self.messages())
        except OSError as error:
            # Not even a pong is taken.
            self.end = self.end or str(error)
            return []

    def messages(self):
        if not self.is_open:
            head = self.pending.find(b"\r\n\r\n")
            if head < 0:
                return
            status = bytes(self.pending[:12])
            if status != b"HTTP/1.1 101":
                self.end = status.decode(errors="replace")
                return
            del self.pending[:head + 4]
            self.is_open = True
        while (whole := self.frame_sizes()) is not None:
            head, size = whole
            first, payload = self.pending[0], bytes(self.pending[head:head + size])
            del self.pending[:head + size]
            if first == FINAL | CLOSE:
                self.end = f"closed with {int.from_bytes(payload[:2], 'big')} {payload[2:].decode()}"
            elif first == FINAL | PING:
                self.channel.sendall(ALIVE)
            elif first == FINAL | TEXT:
                yield payload

    def frame_sizes(self):
        """The sizes of the head and the payload of the first frame; None if it is not all there."""
        if len(self.pending) < 2:
            return None
        head, size = 2, self.pending[1]
        if size >= 126:
            head, form = (4, "!H") if size == 126 else (10, "!Q")
            if len(self.pending) < head:
                return None
            [size] = struct.unpack_from(form, self.pending, 2)
        return (head, size) if len(self.pending) >= head + size else None

    def first(self):
        """The answer to what it sent at the beginning."""
        while self.end is None:
            for message in self.receive():
                return message
        raise ConnectionError(self.end)


def host(address, most=1000, **more):
    """A new room: its host, and its code."""
    member = Member(address, create(identity(), most, **more))
    return member, created(member)


def created(member):
    """The code of the room that it has asked for."""
    return json.loads(member.first())["room"]


def guest(address, code):
    member = Member(address, join(identity(), code))
    member.first()
    return member


def sender(prompt, address, frames, most=1100, gap=0.0):
    """Makes a room and tells its code; sends these frames when cued, and tells why it was closed: at once, or None when
    cued again."""
    member, code = host(address, most)
    prompt.tell(code)
    prompt.wait()
    # Longer than any pause that a sender should be put to.
    member.channel.settimeout(30)
    try:
        for each in frames:
            member.channel.sendall(each)
            time.sleep(gap)
    except OSError as error:
        # A close that has come says more, see below.
        refusal = str(error)
    else:
        refusal = None
    member.channel.setblocking(False)
    while member.end is None and not (prompt.is_cued() and refusal is None):
        if select.select([member.channel, prompt.channel], [], [], 0.5)[0] == [] and refusal is not None:
            break
        member.receive()
    prompt.tell(member.end or refusal)
    prompt.wait()


def readers(prompt, address, code, count, expected):
    """Joins a room, and reads at once all that comes. Tells how each fared: when all have all, or when cued."""
    members = [guest(address, code) for _ in range(count)]
    prompt.tell(count)
    heard = {member.channel.fileno(): 0 for member in members}
    by_descriptor = {member.channel.fileno(): member for member in members}
    poller = select.poll()
    poller.register(prompt.channel, select.POLLIN)
    for member in members:
        member.channel.setblocking(False)
        poller.register(member.channel, select.POLLIN)
    while any(heard[descriptor] < expected and not member.end for descriptor, member in by_descriptor.items()):
        ready = [descriptor for descriptor, _ in poller.poll()]
        if prompt.channel.fileno() in ready:
            break
        for descriptor in ready:
            member = by_descriptor[descriptor]
            heard[descriptor] += sum(1 for each in member.receive() if each.startswith(PREFIX))
            if member.end is not None:
                poller.unregister(descriptor)
    prompt.tell([(member.end, heard[descriptor]) for descriptor, member in by_descriptor.items()])
    prompt.wait()
    prompt.wait()
