"""Attacks with input that never becomes whole."""

import time

from actors import FIRST
from honest import readers, sender
from wire import ALIVE, Horde, first_half, fragments, message_of, upgrade

# Attackers that open many connections at once.
WORKERS = 2


def hoarders(prompt, address, first, count, data):
    """Each connection sends this, piece by piece as it is taken, and then only signs of life."""
    horde = Horde(address, count, lambda number: upgrade(), first)
    rest = [data] * count
    prompt.tell(count)
    last_sign = time.monotonic()
    while not prompt.is_cued(0.05):
        for index in horde.reopen():
            rest[index] = data
        for index in range(count):
            if rest[index]:
                sent = horde.push(index, rest[index])
                rest[index] = data if sent is None else rest[index][sent:]
        # A control frame may come between fragments, but not within a frame.
        if time.monotonic() - last_sign > 3:
            last_sign = time.monotonic()
            for index in range(count):
                if not rest[index] and data[0] & 0x80 == 0 and horde.push(index, ALIVE) is None:
                    rest[index] = data


def hoard(stage, count, data):
    share = count // WORKERS
    for worker in [stage.act(hoarders, stage.address, number * share, share, data) for number in range(WORKERS)]:
        worker.hear()


def half_messages(stage, count, size):
    hoard(stage, count, first_half(size))
    stage.hold()


def half_fragments(stage, count, size, each):
    hoard(stage, count, fragments(size, each))
    stage.hold()


def beside_honest_sender(stage, count, size, messages, of):
    hoard(stage, count, fragments(size, size // 2))
    # As over a slow link: so its own messages are held for a while too.
    message = message_of(of)
    pieces = [message[at:at + of // 10] for at in range(0, len(message), of // 10)]
    sending = stage.act(sender, stage.address, pieces * messages, 8, 0.01, niceness=FIRST)
    code = sending.hear()
    honest = stage.act(readers, stage.address, code, 3, messages, niceness=FIRST)
    honest.hear()
    stage.hold(1.0)
    started = time.monotonic()
    stage.judge_honest(sending, honest, messages)
    stage.hold(stage.setting.seconds - (time.monotonic() - started))


def unfinished_heads(prompt, address, first, count, size):
    """Requests whose heads grow a kilobyte in each round, up to a size, and never end."""
    start = b"GET / HTTP/1.1\r\nHost: relay\r\n"
    line = b"X-%03d: " + b"y" * (1024 - 9) + b"\r\n"
    lines = [start] + [line % number for number in range(size // 1024)]
    horde = Horde(address, count, lambda number: lines[0], first)
    progress = [1] * count
    prompt.tell(count)
    while not prompt.is_cued():
        for index in range(count):
            if progress[index] >= len(lines) and not is_closed(horde.channels[index]):
                continue
            sent = horde.push(index, lines[min(progress[index], len(lines) - 1)])
            progress[index] = 1 if sent is None else progress[index] + (sent > 0)


def is_closed(channel):
    """True if the other side has ended it, or never took it."""
    if channel is None:
        return True
    try:
        return channel.recv(1 << 16) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def heads(stage, count, size):
    share = count // WORKERS
    for worker in [stage.act(unfinished_heads, stage.address, number * share, share, size)
                   for number in range(WORKERS)]:
        worker.hear()
    stage.hold()


def waiting(prompt, address, first, count):
    horde = Horde(address, count, lambda number: upgrade(), first)
    prompt.tell(count)
    horde.persist(prompt)


def connections(stage, count):
    share = count // WORKERS
    for worker in [stage.act(waiting, stage.address, number * share, share) for number in range(WORKERS)]:
        worker.hear()
    stage.hold()
