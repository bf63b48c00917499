"""Attacks with messages to members that do not read."""

import select
import time

from actors import FIRST
from honest import host, readers, sender
from websocket import TEXT, frame
from wire import Horde, create, identity, join, message_of, upgrade

def silent_members(prompt, address, code, count):
    horde = Horde(address, count, lambda number: upgrade() + join(f"silent {number}", code))
    prompt.tell(count)
    horde.persist(prompt)


def to_silent_crowd(stage, silent, reading, size, times):
    sending = stage.act(sender, stage.address, [message_of(size)] * times, niceness=FIRST)
    code = sending.hear()
    stage.act(silent_members, stage.address, code, silent).hear()
    honest = stage.act(readers, stage.address, code, reading, times, niceness=FIRST)
    honest.hear()
    stage.wait_for_members(code, 1 + silent + reading)
    started = time.monotonic()
    stage.judge_honest(sending, honest, times)
    stage.hold(stage.setting.seconds - (time.monotonic() - started))


def flooding_rooms(prompt, address, rooms, size):
    """Hosts that send as fast as they can."""
    opened = [host(address) for _ in range(rooms)]
    prompt.tell([code for _, code in opened])
    prompt.wait()
    data, rest = message_of(size), {}
    for member, _ in opened:
        member.channel.setblocking(False)
        rest[member.channel.fileno()] = (member, b"")
    while rest:
        _, writable, _ = select.select([], list(rest), [], 1)
        for descriptor in writable:
            member, left = rest[descriptor]
            chunk = left or data
            try:
                rest[descriptor] = (member, chunk[member.channel.send(chunk):])
            except BlockingIOError:
                continue
            except OSError:
                del rest[descriptor]


def sipping_members(prompt, address, codes, count, sip):
    """Members that never read; or, with a `sip`, so little every second that they are alive."""
    horde = Horde(address, count * len(codes), lambda number: upgrade() + join(
        f"silent {number}", codes[number % len(codes)]))
    prompt.tell(count)
    if not sip:
        return horde.persist(prompt)
    while not prompt.is_cued(1.0):
        for index, channel in enumerate(horde.channels):
            try:
                if channel is not None and channel.recv(sip):
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            horde.open(index)


def floods_to_silent(stage, rooms, silent, size, sip=0):
    hosts = stage.act(flooding_rooms, stage.address, rooms, size)
    codes = hosts.hear()
    stage.act(sipping_members, stage.address, codes, silent, sip).hear()
    for code in codes:
        stage.wait_for_members(code, silent)
    hosts.cue()
    stage.hold()


def talking_to_themselves(prompt, address, count, size):
    horde = Horde(address, count, lambda number: upgrade() + create(identity(), 2))
    prompt.tell(count)
    head, tail = b'{"type":"send","to":0,"data":"', b'"}'
    horde.flood(prompt, frame(TEXT, head + b"x" * (size - len(head) - len(tail)) + tail))


def echoes(stage, count, size):
    stage.act(talking_to_themselves, stage.address, count, size).hear()
    stage.hold()


def shouting_members(prompt, address, code, count, size):
    horde = Horde(address, count, lambda number: upgrade() + join(f"shouting {number}", code))
    prompt.tell(count)
    prompt.wait()
    horde.flood(prompt, message_of(size))


def storm(stage, count, size):
    opened, code = host(stage.address, 1000)
    members = stage.act(shouting_members, stage.address, code, count, size)
    members.hear()
    stage.wait_for_members(code, count)
    members.cue()
    stage.hold()
    opened.channel.close()
