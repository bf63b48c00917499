"""A server under test, and what clients do with it."""

import http.client
import os
import pathlib
import socket
import ssl
import sys
import tempfile
import time
import urllib.parse

from server import HERE, Server

sys.path.append(str(HERE.parent / "local" / "checks"))
from websocket import FINAL, PING, WebSocket, frame  # noqa: E402

RELAY = os.environ["CHECK_BINARY"]
PONG = 0xA


class RunningServer:
    """A server, and clients that trust its certificate."""

    def __init__(self, proxies, **options):
        self.folder = tempfile.TemporaryDirectory(prefix="party-sockets-check.")
        self.server = Server(RELAY, pathlib.Path(self.folder.name), **options)
        self.trust = ssl.create_default_context(cafile=self.server.certificates.authority)
        try:
            self.server.start(proxies)
        except BaseException:
            self.close()
            raise

    def close(self):
        self.server.stop()
        self.folder.cleanup()

    def get(self, proxy, target, headers=(), source="127.0.0.1"):
        """The answer by https; its body is read."""
        return answer(http.client.HTTPSConnection(
            urllib.parse.urlsplit(self.server.url(proxy)).netloc, timeout=20, context=self.trust,
            source_address=(source, 0)), target, headers)

    def get_plainly(self, name, target):
        """The answer on one of the server's ports without TLS."""
        return answer(http.client.HTTPConnection("localhost", self.server.ports[name], timeout=20), target, ())

    def websocket(self, proxy, target="/", source="127.0.0.1"):
        url = self.server.url(proxy)
        address = urllib.parse.urlsplit(url)
        plain = socket.create_connection((address.hostname, address.port), timeout=20, source_address=(source, 0))
        return WebSocket(url, target, channel=self.trust.wrap_socket(plain, server_hostname=address.hostname))


def documented():
    """The tables of all variables, wherever they are."""
    folders = [HERE.parents[1], HERE.parent, HERE.parents[1] / "ops"]
    return "".join(path.read_text() for folder in folders for path in sorted(folder.glob("*.md")))


def value(metric, scrape):
    """The only value of a metric in an answer of /metrics."""
    [found] = [line.split()[-1] for line in scrape.text.splitlines() if line.startswith(metric + "{")]
    return float(found)


def answer(connection, target, headers):
    try:
        connection.putrequest("GET", target)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        response.text = response.read().decode()
        return response
    finally:
        connection.close()


def lives(websocket, seconds, does_answer_pings=True, says=None):
    """Lets a client wait, and answer pings, or say something every second; whether its connection is there then."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if says:
            websocket.send(says)
        websocket.channel.settimeout(min(left, 1) if says else left)
        try:
            head = websocket.channel.recv(2)
        except TimeoutError:
            continue
        if len(head) < 2:
            return False
        assert head[0] == FINAL | PING, head
        payload = websocket.channel.recv(head[1])
        if does_answer_pings:
            websocket.channel.sendall(frame(PONG, payload))
    websocket.channel.settimeout(20)
    return websocket.ask({"type": "ping", "t": 1}) == {"type": "pong", "t": 1}
