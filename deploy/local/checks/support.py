"""A cluster under test, and a client that can misbehave as a check needs it."""

import ctypes
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTED = str(HERE / "scripted-machine")
# The relay under test; `check` sets it. Without one the cluster builds it.
RELAY = os.environ.get("CHECK_BINARY")


class RunningCluster:
    """The `cluster` script, started and ready, with a temporary directory of its own around it."""

    def __init__(self, *arguments, binary=RELAY, **environment):
        self.around = tempfile.TemporaryDirectory(prefix="party-sockets-check.")
        options = ["--binary", binary] if binary else []
        self.process = subprocess.Popen(
            [sys.executable, HERE.parent / "cluster", *options, *arguments],
            env=os.environ | environment | {"TMPDIR": self.around.name}, stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, preexec_fn=die_with_the_checks)
        self.said = []
        self.urls, self.machines, self.pids = {}, [], {}

    def wait_until_ready(self):
        for line in self.process.stderr:
            self.said.append(line)
            match line.split():
                case ["cluster:", "url", url, "(region", region]:
                    self.urls[region.rstrip(")")] = url
                case ["cluster:", "dns", address]:
                    self.dns = int(address.split(":")[1])
                case ["cluster:", "logs", state, *_]:
                    self.state = pathlib.Path(state)
                    break
        else:
            raise AssertionError("the cluster did not start:\n" + "".join(self.said))
        for line in (self.state / "machines").read_text().splitlines():
            identity, region, address, pid = line.split()
            self.machines.append(Machine(identity, region, address, int(pid)))
        for line in (self.state / "pids").read_text().splitlines():
            name, pid = line.split()
            self.pids[name] = int(pid)
        return self

    def of(self, region):
        return [machine for machine in self.machines if machine.region == region]

    def wait_for_end_of(self, machine):
        """Waits for the end of a machine; returns its status, in words."""
        name = f"machine-{machine.region}-{machine.id}"
        for line in self.process.stderr:
            self.said.append(line)
            if line.startswith(f"cluster: ended: {name} "):
                return line.split("(")[1].split(")")[0]
        raise AssertionError("the cluster has ended:\n" + "".join(self.said))

    def end(self, number=signal.SIGTERM):
        """Stops it; returns its status and its output."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        if not self.process.stderr.closed:
            self.said += self.process.stderr.readlines()
            self.process.stderr.close()
        return self.process.wait(30), "".join(self.said)

    def leftovers(self):
        """Returns the processes and files that it has left behind, and removes the files."""
        groups = {*self.pids.values(), *(machine.pid for machine in self.machines)}
        processes = [
            str(process) for process in pathlib.Path("/proc").glob("[0-9]*")
            if group_of(process) in groups or mentions(process, self.around.name)]
        files = os.listdir(self.around.name)
        self.around.cleanup()
        return processes + files

    def send(self, region, target, headers=(), method="GET", body=None):
        return send(self.urls[region], target, headers, method, body)


LIBC = ctypes.CDLL(None)


def die_with_the_checks():
    """Protects the cluster from Ctrl-C, and ends it together with its parent."""
    PR_SET_PDEATHSIG = 1
    os.setpgid(0, 0)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Machine:
    """A line of the file `machines`."""

    def __init__(self, identity, region, address, pid):
        self.id, self.region, self.address, self.pid = identity, region, address, pid


class Answer:
    """The answer that a client gets and, if a scripted machine has answered, the request that reached it."""

    def __init__(self, response, method):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()
        is_seen = self.body.startswith(b'{"id"')
        self.seen = json.loads(self.body) if is_seen else None
        self.id = self.seen["id"] if is_seen else self.headers.get("x-instance-id")

    def arrived(self, name):
        """The values of a request's header as they reached the machine."""
        return [value for each, value in self.seen["headers"] if each == name.lower()]


def send(url, target, headers=(), method="GET", body=None):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=120)
    try:
        connection.putrequest(method, target)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return Answer(connection.getresponse(), method)
    finally:
        connection.close()


def script(*replays, path="/x", **options):
    """A target that tells scripted machines what to do."""
    pairs = [("replay", replay) for replay in replays] + list(options.items())
    return f"{path}?{urllib.parse.urlencode(pairs)}"


def group_of(process):
    try:
        return os.getpgid(int(process.name))
    except ProcessLookupError:
        return None


def mentions(process, path):
    """True if it was started with this path in its arguments or its environment."""
    try:
        return any(path.encode() in (process / name).read_bytes() for name in ["cmdline", "environ"])
    except OSError:
        return False


def eventually(condition, seconds=20):
    """Waits for a condition that other processes bring about without a signal."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
