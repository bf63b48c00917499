"""The servers that are compared, and the command of each."""

import http.client
import os
import pathlib
import re
import socket
import time
from typing import NamedTuple

from comparison.disturbance import read_resident_bytes
from processes import STOP_DEADLINE, Failure, Part, Signals

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"
# Seconds until a server that was started answers.
START_DEADLINE = 20

# Only the limits that this load, or a whole machine of idle connections, would exceed.
UNLIMITED = {"MESSAGES_PER_SECOND": "0", "MAX_CONNECTIONS": "0", "MAX_ROOMS": "0"}


class Contestant(NamedTuple):
    """A server under a name of this comparison."""

    name: str
    label: str
    # A program of `Programs`, by its field.
    program: str
    environment: dict = {}
    # Event loops, each of which should have a core of its own.
    loops: int = 1
    # In place of a program that all comparisons have.
    command: tuple = ()


class Programs(NamedTuple):
    """The command of each server, and of the loads."""

    relay: list
    bun: list
    python: list
    load: list
    k6: list


def relay(name, label, loops=1, **environment):
    return Contestant(name, label, "relay", UNLIMITED | {"RELAY_THREADS": str(loops)} | environment, loops)


CONTESTANTS = {each.name: each for each in [
    relay("relay", "Party-Sockets"),
    relay("relay-send", "Party-Sockets, `IO_URING=off`", IO_URING="off"),
    relay("relay-2", "Party-Sockets, two loops", loops=2),
    relay("relay-4", "Party-Sockets, four loops", loops=4),
    Contestant("bun", "Bun", "bun"),
    Contestant("python", "Python", "python"),
]}


def peer(name, command):
    """A server that the comparison does not have, with the settings of the relay, which may be one too."""
    return relay(name, name)._replace(program="", command=tuple(command))


class Server(Part):
    """A running server, alone on its cores, with no environment but the one given here. `enter` is called in its process
    before the program."""

    def __init__(self, contestant, programs, cores, folder, enter=lambda: None):
        def prepare():
            os.sched_setaffinity(0, cores)
            enter()
        self.program = contestant.program
        self.port = free_port()
        environment = {
            "PATH": os.environ.get("PATH", ""), "HOME": str(folder), "HOST": "127.0.0.1", "PORT": str(self.port)}
        command = contestant.command or getattr(programs, contestant.program)
        super().__init__(
            contestant.name, pathlib.Path(folder) / f"{contestant.name}.log", command,
            env=environment | contestant.environment, enter=prepare)
        # The call above returns when the command has taken the process over.
        executed = time.monotonic()
        self.url = f"ws://127.0.0.1:{self.port}"
        try:
            self.wait_until_healthy(executed + START_DEADLINE)
        except BaseException:
            self.shut_down()
            raise
        self.start_seconds = time.monotonic() - executed

    def wait_until_healthy(self, deadline):
        while not self.is_healthy():
            if self.end() is not None or time.monotonic() > deadline:
                raise Failure(f"no answer to /health: {self.story()}")
            Signals.pause(0.0002)

    def is_healthy(self):
        request = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
                connection.sendall(request)
                return connection.recv(64).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    def resident_bytes(self):
        return read_resident_bytes(self.pid)

    def metrics(self, *names):
        """Values of its own metrics; None if one is missing."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/metrics")
            page = connection.getresponse().read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        found = [re.search(rf"^{name}(?:\{{.*\}})? (\S+)$", page, re.M) for name in names]
        return [float(each[1]) for each in found] if all(found) else None

    def shut_down(self):
        """Stops it with SIGTERM, then with SIGKILL: its work for clients that are gone does not matter."""
        if self.end() is None:
            self.signal(15)
        self.stop(time.monotonic() + STOP_DEADLINE)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
