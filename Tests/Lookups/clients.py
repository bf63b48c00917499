"""Clients that ask a relay for rooms, each on a connection of its own."""

import selectors
import socket
import time

# A proxy has passed the request on: a plain one from this address would be taken for a sibling's.
REQUEST = "GET /room/{} HTTP/1.1\r\nHost: relay\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n"


class Answers:
    """What came back: by code, the machine that the request was led to, or the status; and the seconds of each."""

    def __init__(self):
        self.by_code, self.seconds = {}, {}

    def note(self, code, answer, seconds):
        head = answer.decode("latin-1")
        _, is_led, rest = head.partition("fly-replay: instance=")
        self.by_code[code] = rest.split(";")[0] if is_led else head.split(" ")[1]
        self.seconds[code] = seconds

    def percentile(self, part, codes):
        ordered = sorted(self.seconds[code] for code in codes if code in self.seconds)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else float("nan")


def ask(port, codes, within=0.0, patience=10.0):
    """Asks for all codes, evenly over so many seconds; what has no answer after `patience` more seconds has none."""
    sockets = [connect(port) for _ in codes]
    selector, answers, asked = selectors.DefaultSelector(), Answers(), {}
    start = time.monotonic()
    waiting = list(zip(codes, sockets))
    waiting.reverse()
    count, end = len(codes), start + within + patience
    while len(answers.by_code) < count and time.monotonic() < end:
        now = time.monotonic()
        while waiting and (count - len(waiting)) * within / count <= now - start:
            code, each = waiting.pop()
            selector.register(each, selectors.EVENT_READ, code)
            asked[code] = time.monotonic()
            each.send(REQUEST.format(code).encode())
        for key, _ in selector.select(within / count if waiting else 0.2):
            answer = key.fileobj.recv(65_536)
            answers.note(key.data, answer or b"- closed ", time.monotonic() - asked[key.data])
            selector.unregister(key.fileobj)
    for each in sockets:
        each.close()
    return answers


def connect(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.setblocking(False)
    return client
