"""The relay under test: its process, its kernel that fails, and what it holds."""

import http.client
import json
import mmap
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
# How many of a million calls fail, and how. Those that end a connection are rare, so that there is somebody to play.
FAULTS = {
    "accept_aborted": 30_000, "accept_refused": 10_000, "accept_exhausted": 3_000, "send_short": 30_000,
    "send_again": 30_000, "send_reset": 200, "send_no_buffers": 100, "receive_short": 30_000, "receive_again": 30_000,
    "receive_reset": 200, "watch_refused": 1_000, "wake_refused": 20_000, "ring_short": 20_000, "ring_refused": 2_000,
    "ring_interrupted": 20_000, "ring_fails": 100,
}
OFTEN = {"send_short", "send_again", "receive_short", "receive_again"}
# All players have one address. A player who does not read for a moment, and a room whose host is away, go on.
SETTINGS = {
    "HOST": "127.0.0.1", "PORT": "0", "METRICS_PORT": "0", "MESSAGES_PER_SECOND": "200",
    "MISSES_PER_MINUTE": "0", "HOST_GRACE_SECONDS": "3600", "IDLE_TIMEOUT_SECONDS": "60", "DRAIN_SECONDS": "1",
    "LOG_LEVEL": "info", "SWIFT_BACKTRACE": "enable=yes,interactive=no",
}


class FaultyKernel:
    """The library that is preloaded into the relay, and the memory in which it is told to begin and counts."""

    def __init__(self, seed, folder, kinds):
        self.kinds = kinds
        self.library = str(folder / "faults.so")
        subprocess.run(
            ["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", self.library, HERE / "faults.c"], check=True)
        file = folder / "faults"
        file.write_bytes(bytes(8 * (1 + len(FAULTS))))
        with file.open("r+b") as shared:
            self.memory = mmap.mmap(shared.fileno(), 0)
        self.variables = {
            "LD_PRELOAD": self.library, "FAULTS_FILE": str(file), "FAULTS_SEED": str(seed),
            "FAULTS_RATES": " ".join(
                str(rate if kind in kinds else 0) for kind, rate in FAULTS.items())}

    def fail(self, is_failing=True):
        self.memory[:8] = struct.pack("=Q", is_failing)

    def counts(self):
        return dict(zip(FAULTS, struct.unpack_from(f"={len(FAULTS)}Q", self.memory, 8)))

    def idle(self):
        """The faults that should have struck in any play, and have not."""
        counts = self.counts()
        return [kind for kind in self.kinds if kind in OFTEN and counts[kind] == 0]


class Relay:
    """A running relay."""

    def __init__(self, binary, loops, io_uring, seed, faults):
        self.folder = tempfile.TemporaryDirectory(prefix="party-sockets-soak.")
        folder = pathlib.Path(self.folder.name)
        self.kernel = FaultyKernel(seed, folder, faults) if faults else None
        self.output = folder / "output"
        variables = SETTINGS | {"RELAY_THREADS": str(loops), "IO_URING": io_uring}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [binary], env=os.environ | variables | (self.kernel.variables if self.kernel else {}),
                stdout=output, stderr=subprocess.STDOUT)
        self.port, self.metrics_port = self.wait_until_listening()
        # Before the first scrape, which opens one.
        self.descriptors = self.open_descriptors()

    def wait_until_listening(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in self.output.read_text().splitlines():
                if '"listening"' in line:
                    facts = json.loads(line)
                    return int(facts["port"]), int(facts["metricsPort"])
            time.sleep(0.02)
        raise SystemExit(f"the relay does not start:\n{self.output.read_text()}")

    def fail(self, is_failing=True):
        if self.kernel:
            self.kernel.fail(is_failing)

    def page(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=10)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def metric(self, name):
        return sum(float(value) for value in re.findall(rf"^{name}{{[^}}]*}} (\S+)$", self.page(), re.M))

    def open_descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        """The bytes in use on its heap, and those that are resident."""
        pages = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return self.metric("process_heap_used_bytes"), int(pages) * os.sysconf("SC_PAGESIZE")

    # Gauges that count what the clients hold, which must be nothing once they have gone.
    HELD = [
        "party_sockets_buffered_bytes", "party_sockets_rooms", "party_sockets_clients", "party_sockets_websockets",
        "party_sockets_slow_readers", "party_sockets_queued_bytes", "party_sockets_rooms_by_origin",
        "party_sockets_clients_by_origin", "party_sockets_connections_by_state"]

    def leftovers(self):
        """What it still holds though nobody is there but who asks; empty if nothing."""
        # Before the scrape, whose own connection may stay a moment longer.
        descriptors = self.open_descriptors()
        page = self.page()
        held = [
            (name, labels, float(value)) for name, labels, value in re.findall(r"^(\w+){([^}]*)} (\S+)$", page, re.M)
            if name in self.HELD]
        rest = [f"{name} is missing" for name in {*self.HELD} - {name for name, _, _ in held}]
        # One for the scrape itself.
        rest += [f"{name}{{{labels}}} is {value:g}" for name, labels, value in held
                 if value != (1 if 'state="http"' in labels else 0)]
        if descriptors > self.descriptors:
            rest.append(f"{descriptors} descriptors are open, {self.descriptors} at the start")
        return rest

    def crash(self):
        """The end of what it has said, if it has ended."""
        if self.process.poll() is None:
            return None
        lines = self.output.read_text(errors="replace").splitlines()
        crashes = [index for index, line in enumerate(lines) if "Fatal error" in line or "Crash" in line]
        last = lines[crashes[0]:][:40] if crashes else lines[-20:]
        return f"the relay has ended with {self.process.returncode}:\n" + "\n".join(last)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()
