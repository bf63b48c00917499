"""Plays a session against a relay of its own, and writes down what everybody gets."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

from playing.peer import BINARY, CONTINUATION, HANDSHAKE, PATIENCE, PING, PONG, TEXT, Peer, request, without_date
from playing.spelling import Names, spelled

OPCODES = {"text": TEXT, "binary": BINARY, "ping": PING, "pong": PONG}


class RelayProcess:
    """A relay at a port of its own, with no environment but the one given here."""

    def __init__(self, program, environment, folder):
        self.log = pathlib.Path(folder) / "log"
        usual = {"PATH": os.environ["PATH"], "HOST": "127.0.0.1", "PORT": "0", "INSTANCE_ID": "m-1", "REGION": "fra"}
        environment = {name: value.replace("<folder>", folder) for name, value in environment.items()}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=usual | environment)
        try:
            self.port = self.wait_for(self.find_port)
        except BaseException:
            self.stop()
            raise

    def wait_for(self, find):
        deadline = time.monotonic() + PATIENCE
        while (found := find()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited for {find.__name__} in vain; its log:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.005)
        return found

    def find_port(self):
        if self.process.poll() is not None:
            raise ChildProcessError(f"the relay has ended: {self.log.read_text()[-2000:]}")
        for line in self.log.read_text().splitlines():
            fields = json.loads(line) if line.startswith("{") and line.endswith("}") else {}
            if fields.get("message") == "listening":
                return fields["port"]
        return None

    def ask(self, request):
        """The answer to a request: its head, and its body."""
        head_only = request.startswith(b"HEAD ")
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(request)
            data = b""
            while b"\r\n\r\n" not in data:
                data += self.more(connection, data)
            head, _, body = data.partition(b"\r\n\r\n")
            length = re.search(rb"(?mi)^content-length: (\d+)\r?$", head)
            while length and not head_only and len(body) < int(length[1]):
                body += self.more(connection, body)
        return head, body

    def more(self, connection, before):
        data = connection.recv(1 << 16)
        if not data:
            raise ConnectionError(f"the answer ends with {before[-80:]}")
        return data

    def open_websockets(self):
        page = self.ask(request("GET", "/metrics", [("Host", "relay.test")]))[1]
        return int(re.search(rb"(?m)^party_sockets_websockets(?:\{.*\})? (\d+)$", page)[1])

    def drain(self):
        """Tells it to end, and waits until it knows."""
        self.process.send_signal(signal.SIGTERM)

        def is_draining():
            return self.ask(request("GET", "/ready", [("Host", "relay.test")]))[0].startswith(b"HTTP/1.1 503") or None
        self.wait_for(is_draining)

    def stop(self):
        self.process.kill()
        self.process.wait()


class Stage:
    """A session while it is played."""

    def __init__(self, start):
        # Starts a relay, each time at another port.
        self.start = start
        self.relay = start()
        self.names = Names()
        self.peers = {}

    def play(self, script):
        """The transcript: each step, and below it what everybody got until all was settled."""
        lines = [*script.title, ""]
        for step in script.steps:
            lines.append(str(step))
            try:
                heard = getattr(self, f"step_{step.verb}")(step.actor, step.rest) or []
                self.settle(step.actor)
            except Exception as error:
                raise RuntimeError("\n".join([*lines, f"    {type(error).__name__}: {error}"])) from error
            heard += [line for peer in self.peers.values() for line in peer.take_told()]
            lines += [f"    {line}" for line in heard]
        return "\n".join(lines) + "\n"

    def settle(self, actor):
        """Waits until nothing of this step is under way: twice, since who is lost is seen at the end of a turn."""
        order = sorted(self.peers.values(), key=lambda peer: peer.name != actor)
        for _ in range(2):
            for peer in order:
                peer.settle()

    def end(self):
        for peer in self.peers.values():
            if peer.is_open:
                peer.hang_up(is_reset=True)
        self.relay.stop()

    # The steps, by their verbs.

    def step_connects(self, name, rest):
        target, fields = self.fields_of(rest.partition(" and sends ")[0])
        peer = self.peers.pop(name, None)
        if peer and peer.is_open:
            raise ValueError(f"{name} is connected already")
        peer = self.peers[name] = Peer(name, self.relay.port, self.names)
        head = request("GET", target, [*HANDSHAKE, *fields])
        early = rest.partition(" and sends ")[2]
        peer.write(head)
        if early:
            peer.send(TEXT, self.names.meant(early))
        peer.read_until(lambda: peer.told)

    def step_sends(self, name, rest):
        peer = self.peers[name]
        kind, _, text = rest.partition(" ")
        if kind == "raw":
            peer.write(bytes.fromhex(text))
        elif kind == "fragments":
            parts = [self.names.meant(part) for part in text.split("¦")]
            for index, part in enumerate(parts):
                peer.send(CONTINUATION if index else TEXT, part, is_final=index == len(parts) - 1)
        elif kind in OPCODES:
            peer.send(OPCODES[kind], self.names.meant(text))
        else:
            peer.send(TEXT, self.names.meant(rest))

    def step_closes(self, name, rest):
        code, _, reason = rest.partition(" ")
        self.peers[name].close(int(code).to_bytes(2, "big") + self.names.meant(reason) if code else b"")

    def step_hangs(self, name, rest):
        self.lose(name, is_reset=False)

    def step_resets(self, name, rest):
        self.lose(name, is_reset=True)

    def lose(self, name, is_reset):
        self.peers[name].hang_up(is_reset)
        # Nobody may be left who could be asked whether the relay has seen it.
        left = sum(peer.is_open for peer in self.peers.values())

        def has_seen_it():
            return self.relay.open_websockets() == left or None
        self.relay.wait_for(has_seen_it)

    def step_awaits(self, name, rest):
        if rest == "the end":
            self.peers[name].await_end()
        else:
            self.peers[name].await_news()

    def step_await(self, name, rest):
        """All await the end."""
        for peer in self.peers.values():
            peer.await_end()

    def step_requests(self, name, rest):
        method, _, rest = rest.partition(" ")
        target, fields = self.fields_of(rest)
        # An upgrade that is to be refused, so that this is all that comes of it.
        if method == "UPGRADE":
            method, usual = "GET", HANDSHAKE
        else:
            usual = [("Host", "relay.test")]
        head, body = self.relay.ask(request(method, target, [*usual, *fields]))
        lines = [f"{name} gets {spelled(self.names.hide(line))}" for line in without_date(head).split(b"\r\n")]
        return lines + ([f"{name} gets body {spelled(self.names.hide(body))}"] if body else [])

    def step_drains(self, name, rest):
        self.relay.drain()

    def step_ends(self, name, rest):
        return [f"{name} ends with status {self.relay.process.wait(PATIENCE)}"]

    def step_restarts(self, name, rest):
        self.relay.process.send_signal(signal.SIGTERM)
        heard = self.step_ends(name, rest)
        self.relay = self.start()
        return heard

    def fields_of(self, rest):
        """A target, and the header fields that follow it: `/ with Origin: https://a.test; X-More: 1`."""
        target, _, fields = self.names.meant(rest).decode().partition(" with ")
        return target, [tuple(field.split(": ", 1)) for field in fields.split("; ") if field]


def play(program, script):
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(lambda: RelayProcess(program, script.environment, folder))
        try:
            return stage.play(script)
        finally:
            stage.end()
