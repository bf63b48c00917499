"""Attacks with questions whose answers nobody reads."""

import itertools
import select

from honest import host
from websocket import frame
from wire import PING, Horde, dial, upgrade

WORKERS = 2


def flooders(prompt, address, first, count, opening, data):
    horde = Horde(address, count, lambda number: opening, first)
    prompt.tell(count)
    horde.flood(prompt, data)


def flood(stage, count, opening, data):
    share = count // WORKERS
    for worker in [stage.act(flooders, stage.address, number * share, share, opening, data)
                   for number in range(WORKERS)]:
        worker.hear()
    stage.hold()


def pings(stage, count):
    flood(stage, count, upgrade(), frame(PING, b"p" * 125) * 500)


def pipelines(stage, count, path):
    # A room whose answer is long.
    url = "https://game.example/" + "u" * 491
    member, code = host(stage.address, 4, url=url)
    request = f"GET {path.format(code=code)} HTTP/1.1\r\nHost: relay\r\n\r\n".encode()
    flood(stage, count, b"", request * (64 * 1024 // len(request)))
    member.channel.close()


def asking_from_everywhere(prompt, address, first, count):
    """Asks for rooms that do not exist, each time in the name of another address, and reads the answers."""
    channels = [dial(address, number, receive=None) for number in range(count)]
    numbers = itertools.count(first)
    while not prompt.is_cued():
        for channel in channels:
            numbered = itertools.islice(numbers, 16)
            requests = [REQUEST.format(number >> 16 & 0xFFFF, number & 0xFFFF) for number in numbered]
            channel.sendall("".join(requests).encode())
        for channel in select.select(channels, [], [], 1)[0]:
            if not channel.recv(1 << 16):
                channels.remove(channel)
                channels.append(dial(address, 0, receive=None))


REQUEST = "GET /room/111111 HTTP/1.1\r\nHost: relay\r\nX-Forwarded-For: 2001:db8:{:x}:{:x}::1\r\n\r\n"


def addresses(stage, workers, count):
    for number in range(workers):
        stage.act(asking_from_everywhere, stage.address, number << 24, count)
    stage.hold()
