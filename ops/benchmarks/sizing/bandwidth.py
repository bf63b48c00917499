"""The bytes of a party on the wire, calculated from its messages."""

import json
from typing import NamedTuple

from sizing.sizes import CONNECTIONS, INPUT_BYTES, PHONES, RATE, STATE_BYTES

# RFC 6455, section 5.2: two bytes, the length if it is longer than fits there, and a client's masking key.
MASK = 4
# IPv4 and TCP with the time stamps that all systems send; IPv6 has 20 more.
PACKET = 20 + 20 + 12
# TLS 1.3: head, type and tag of a record.
RECORD = 5 + 1 + 16
# The data of a packet on a path of 1500 bytes.
SEGMENT = 1500 - PACKET
# The relay pings a client after half of IDLE_TIMEOUT_SECONDS without a word from it.
PING_SECONDS = 10
# The project's client asks the relay after so many seconds in which it has heard nothing, so the relay never asks it.
CLIENT_PING_SECONDS = 5


def frame_bytes(payload, is_masked):
    length = 2 if payload < 126 else 4 if payload < 1 << 16 else 10
    return length + (MASK if is_masked else 0) + payload


def compact(message):
    return json.dumps(message, separators=(",", ":")).encode()


def size(message, is_masked):
    """Of a message's frame."""
    return frame_bytes(len(compact(message)), is_masked)


def data_of(size):
    """Data that is so many bytes of JSON."""
    return "x" * (size - 2)


def input_message():
    return {"type": "send", "to": 0, "data": data_of(INPUT_BYTES)}


def state_message():
    return {"type": "send", "data": data_of(STATE_BYTES)}


def client_ping(kind="ping"):
    """With the time of a page that is two minutes old, as precise as browsers tell it."""
    return {"type": kind, "t": 123456.7}


def delivered(message, sender):
    return {"type": "message", "from": sender, "data": message["data"]}


class Flow(NamedTuple):
    """Frames of one kind."""

    is_received: bool
    frame: int
    per_second: float

    def bytes_per_second(self):
        return self.frame * self.per_second

    def wire_bytes_per_second(self):
        """With a record and packets of its own for each frame, and an acknowledgement for each packet: the most that it
        can take. That of the other direction is in the flow it acknowledges."""
        record = self.frame + RECORD
        packets = -(-record // SEGMENT)
        return (record + packets * PACKET) * self.per_second

    def acknowledgement_bytes_per_second(self):
        return -(-(self.frame + RECORD) // SEGMENT) * PACKET * self.per_second


class Bandwidth(NamedTuple):
    """Bytes per second at the relay: those of frames, and at most on the wire."""

    received: float
    sent: float
    most_received: float
    most_sent: float

    @classmethod
    def of(cls, flows):
        def total(is_received, measure):
            return sum(measure(flow) for flow in flows if flow.is_received == is_received)
        return cls(
            total(True, Flow.bytes_per_second), total(False, Flow.bytes_per_second),
            total(True, Flow.wire_bytes_per_second) + total(False, Flow.acknowledgement_bytes_per_second),
            total(False, Flow.wire_bytes_per_second) + total(True, Flow.acknowledgement_bytes_per_second))


class Bytes(NamedTuple):
    """Of some messages, at the relay."""

    received: int
    sent: int


class Compared(NamedTuple):
    calculated: Bytes
    measured: Bytes


def playing():
    """One party in which everybody sends."""
    inputs, state = input_message(), state_message()
    flows = [
        Flow(True, size(inputs, is_masked=True), PHONES * RATE),
        Flow(True, size(state, is_masked=True), RATE),
        Flow(False, size(delivered(state, 0), is_masked=False), PHONES * RATE)]
    flows += [
        Flow(False, size(delivered(inputs, phone), is_masked=False), RATE)
        for phone in range(1, PHONES + 1)]
    return Bandwidth.of(flows)


def resting(seconds=PING_SECONDS):
    """One party in its lobby, where nobody sends: a ping of the relay and a pong of each member, so often."""
    return Bandwidth.of([
        Flow(False, frame_bytes(0, is_masked=False), CONNECTIONS / seconds),
        Flow(True, frame_bytes(0, is_masked=True), CONNECTIONS / seconds)])


def asking(seconds=CLIENT_PING_SECONDS):
    """The same with the project's client, whose pings are messages."""
    return Bandwidth.of([
        Flow(True, size(client_ping(), is_masked=True), CONNECTIONS / seconds),
        Flow(False, size(client_ping("pong"), is_masked=False), CONNECTIONS / seconds)])
