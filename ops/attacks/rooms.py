"""Attacks with what the relay keeps of rooms: rooms, slots, ids, snapshots and urls."""

import collections
import select

from honest import host
from websocket import TEXT, frame
from wire import Horde, abort, create, dial, identity, join, upgrade

URL = "https://game.example/" + "u" * 491


def cycle(prompt, address, first, most, opening):
    """Opens connections as fast as it can, and closes the oldest; `most` are open at once."""
    open_ones, number = collections.deque(), first
    while not prompt.is_cued():
        number += 1
        try:
            channel = dial(address, number)
            channel.sendall(opening(number))
            open_ones.append(channel)
        except OSError:
            continue
        if len(open_ones) > most:
            abort_after_answer(open_ones.popleft())


def abort_after_answer(channel):
    """Waits for what comes after the upgrade, so that the relay has done its work, but not for long."""
    channel.settimeout(0.2)
    try:
        if b"{" not in channel.recv(4096):
            channel.recv(4096)
    except OSError:
        pass
    abort(channel)


def makers(prompt, address, first, most):
    cycle(prompt, address, first, most, lambda number: upgrade() + create(identity(), url=URL))


def churn(stage, workers, open):
    for number in range(workers):
        stage.act(makers, stage.address, number * 1_000_000, open)
    stage.hold()


def hosts(prompt, address, count):
    """Rooms for many, whose hosts read what they hear."""
    opened = [host(address, 1000) for _ in range(count)]
    prompt.tell([code for _, code in opened])
    by_descriptor = {member.channel.fileno(): member for member, _ in opened}
    poller = select.poll()
    for descriptor, member in by_descriptor.items():
        member.channel.setblocking(False)
        poller.register(descriptor, select.POLLIN)
    while not prompt.is_cued():
        for descriptor, _ in poller.poll(200):
            by_descriptor[descriptor].receive()
            if by_descriptor[descriptor].end:
                poller.unregister(descriptor)


def joiners(prompt, address, first, most, codes, ids):
    """Join with ever new ids, or with the same few over and over."""
    cycle(prompt, address, first, most, lambda number: upgrade() + join(
        f"{number % ids if ids else number:-<250}", codes[number % len(codes)]))


def client_ids(stage, workers, open, rooms, ids=None):
    codes = stage.act(hosts, stage.address, rooms).hear()
    for number in range(workers):
        stage.act(joiners, stage.address, number * 10_000_000, open, codes, ids)
    stage.hold()


def strangers(prompt, address, first, most, size):
    """Come from ever new origins with long names."""
    cycle(prompt, address, first, most, lambda number: upgrade().replace(
        b"\r\n\r\n", b"\r\nOrigin: https://%s.example\r\n\r\n" % f"{number:x<{size}}".encode()) + create(identity()))


def origins(stage, workers, open, size):
    for number in range(workers):
        stage.act(strangers, stage.address, number * 10_000_000, open, size)
    stage.hold()


def keepers(prompt, address, first, count, as_sent):
    """Rooms with all that a host may have kept."""
    compact = b'"' + b"s" * 16_382 + b'"'
    head, tail = b'{"type":"set_state","data":[', b"]}"
    if as_sent > len(compact):
        compact = b'"' + b"s" * 16_380 + b'"' + b" " * (as_sent - 16_384)
    else:
        compact = b'"' + b"s" * 16_380 + b'"'
    state = frame(TEXT, head + compact + tail)
    horde = Horde(address, count, lambda number: upgrade() + create(identity(), 8, url=URL) + state, first)
    prompt.tell(count)
    horde.persist(prompt)


def states(stage, count, workers, as_sent):
    share = count // workers
    for worker in [stage.act(keepers, stage.address, number * share, share, as_sent) for number in range(workers)]:
        worker.hear(120)
    stage.hold()
