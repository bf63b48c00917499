"""Attacks with questions whose answers nobody reads."""

from honest import host
from websocket import frame
from wire import PING, Horde, upgrade

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
