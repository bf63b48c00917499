"""What a running cluster can be asked for, over a socket in its directory: a line with a command, a line as the answer."""

import os
import pathlib
import select
import signal
import socket
import time
import urllib.request

from processes import Failure


class Control:
    """The cluster's side. It answers between two looks at its parts, one request after the other."""

    def __init__(self, path, commands):
        self.commands = commands
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.setblocking(False)
        self.listener.bind(str(path))
        self.listener.listen()

    def answer(self):
        try:
            channel, _ = self.listener.accept()
        except BlockingIOError:
            return
        with channel, channel.makefile("r") as stream:
            channel.settimeout(5)
            try:
                words = stream.readline().split()
                channel.sendall(f"{self.outcome(words)}\n".encode())
            except OSError:
                # Whoever asked has gone; the cluster goes on.
                return

    def outcome(self, words):
        command = self.commands.get(words[0] if words else "")
        if command is None:
            return f"failed: the commands are {', '.join(self.commands)}"
        try:
            return f"done: {command(*words[1:])}"
        except (Failure, TypeError) as error:
            return f"failed: {error}"


class Machine:
    """A running machine, as the file `machines` has it."""

    def __init__(self, line):
        self.id, self.region, self.address, pid = line.split()
        self.pid = int(pid)

    def is_ready(self):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://{self.address}/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False


class RunningCluster:
    """A cluster that somebody has started, by its directory."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        if not (self.directory / "control").exists():
            raise Failure(f"no cluster runs in {directory}")

    def machines(self):
        return [Machine(line) for line in (self.directory / "machines").read_text().splitlines()]

    def machine(self, name):
        for machine in self.machines():
            if machine.id == name:
                return machine
        raise Failure(f"no machine is called {name}")

    def edges(self):
        """The URL of each region's edge."""
        return dict(line.split() for line in (self.directory / "edges").read_text().splitlines())

    def ask(self, *words):
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(60)
            channel.connect(str(self.directory / "control"))
            channel.sendall(f"{' '.join(words)}\n".encode())
            with channel.makefile("r") as stream:
                outcome, _, text = stream.readline().strip().partition(": ")
        if outcome != "done":
            raise Failure(text or "the cluster has ended")
        return text

    def replace(self, machine, is_new, patience):
        """Ends a machine as a platform would, and starts it again, or a new one in its place. Returns the new one as
        soon as it is ready."""
        process = os.pidfd_open(machine.pid)
        try:
            signal.pidfd_send_signal(process, signal.SIGTERM)
            if not select.select([process], [], [], patience)[0]:
                raise Failure(f"{machine.id} has not ended {patience} s after SIGTERM")
        finally:
            os.close(process)
        started = Machine(self.ask("start-new" if is_new else "start", machine.id))
        deadline = time.monotonic() + patience
        while not started.is_ready():
            if time.monotonic() > deadline:
                raise Failure(f"{started.id} is not ready")
            time.sleep(0.02)
        return started
