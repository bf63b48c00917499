"""Bytes that attackers send, made once, and sockets for many of them."""

import json
import os
import select
import socket
import struct

from websocket import FINAL, TEXT, frame

# The key of RFC 6455, section 1.3: nobody here checks the answer to it.
UPGRADE = (
    "GET {} HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
PING, PONG, CLOSE = 0x9, 0xA, 0x8
GOODBYE = frame(CLOSE, (1000).to_bytes(2, "big"))
ALIVE = frame(PONG, b"")
SEGMENT = 1400
ABORT = struct.pack("ii", 1, 0)


def text(**message):
    return frame(TEXT, json.dumps(message, separators=(",", ":")).encode())


def upgrade(path="/"):
    return UPGRADE.format(path).encode()


def create(client_id, most=1000, **more):
    return text(type="create", clientId=client_id, maxClients=most, **more)


def join(client_id, code):
    return text(type="join", clientId=client_id, room=code)


def message_of(size):
    """A frame of a `send` that is exactly this many bytes of JSON."""
    empty = len(b'{"type":"send","data":""}')
    return frame(TEXT, b'{"type":"send","data":"%s"}' % (b"x" * (size - empty)))


def first_half(size):
    """The head of a message of this many bytes, and half of them."""
    return bytes([FINAL | TEXT, 0xFF]) + size.to_bytes(8, "big") + bytes(4) + b"x" * (size // 2)


def fragments(size, each):
    """This many bytes in fragments, none of which is the last."""
    frames = [frame(0, b"x" * each) for _ in range(size // each)]
    opcodes = [TEXT] + [0] * (len(frames) - 1)
    return b"".join(bytes([opcode]) + fragment[1:] for opcode, fragment in zip(opcodes, frames))


def source(number):
    """An address of the loopback network, since one address has too few ports for all."""
    return f"127.0.0.{2 + number % 200}"


def dial(address, number=0, receive=4096):
    """A connected socket with next to no room for what it is sent, and with segments as on the internet: for the 64 KiB
    of loopback the relay's kernel would take megabytes before the relay has to keep anything itself."""
    channel = socket.socket()
    channel.settimeout(60)
    if receive is not None:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    # Ports are chosen when it connects, so that they may be in use towards other addresses.
    channel.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
    channel.bind((source(number), 0))
    channel.connect(address)
    return channel


def abort(channel):
    """Closes at once, without a wait of the kernel's for the other side."""
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    channel.close()


class Horde:
    """Connections that never read. One that the relay closes is opened again, since attackers do not give up.

    `opening` is what each sends first, by its number.
    """

    def __init__(self, address, count, opening, first=0):
        self.address, self.opening, self.first = address, opening, first
        self.channels = [None] * count
        for index in range(count):
            self.open(index)

    def open(self, index):
        """False if the relay does not take it."""
        number = self.first + index
        channel = None
        try:
            channel = dial(self.address, number)
            channel.sendall(self.opening(number))
        except OSError:
            if channel is not None:
                abort(channel)
            self.channels[index] = None
            return False
        channel.setblocking(False)
        self.channels[index] = channel
        return True

    def push(self, index, data):
        """Sends as much of it as is taken, and returns how much. None if it was closed, and has been opened again."""
        channel = self.channels[index]
        try:
            if channel is not None:
                return channel.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            abort(channel)
        self.open(index)
        return None

    def reopen(self):
        """Opens anew who has been closed, as far as the end has arrived. Returns the numbers of those."""
        gone = self.poll(select.POLLRDHUP, 0)
        for index in gone:
            abort(self.channels[index])
            self.open(index)
        return gone

    def persist(self, prompt, interval=3.0):
        """Shows life, without end."""
        while not prompt.is_cued(interval):
            self.reopen()
            for index in range(len(self.channels)):
                self.push(index, ALIVE)

    def flood(self, prompt, data):
        """Sends the same over and over wherever it is taken, without end. A frame that was taken in part goes on."""
        rest = [b""] * len(self.channels)
        while not prompt.is_cued():
            writable = self.writable()
            for index in writable:
                chunk = rest[index] or data
                sent = self.push(index, chunk)
                rest[index] = b"" if sent is None else chunk[sent:]

    def writable(self):
        """Those that take something, after at most a fifth of a second."""
        return self.poll(select.POLLOUT, 200)

    def poll(self, events, milliseconds):
        """Those to which one of these has happened, or an error. Opens those that were not taken before."""
        poller, numbers = select.poll(), {}
        for index, channel in enumerate(self.channels):
            if channel is not None or self.open(index):
                poller.register(self.channels[index], events)
                numbers[self.channels[index].fileno()] = index
        return [numbers[descriptor] for descriptor, _ in poller.poll(milliseconds)]


def identity():
    return os.urandom(16).hex()
