"""A relay under test."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import urllib.request

SECONDS_TO_START = 20


class Relay:
    """The relay on a free port of 127.0.0.1, which it keeps when it is started again."""

    binary = None

    def __init__(self, **environment):
        self.folder = tempfile.TemporaryDirectory(prefix="party-sockets-browser.")
        self.log = pathlib.Path(self.folder.name) / "log"
        self.environment = os.environ | {"HOST": "127.0.0.1", "LOG_LEVEL": "info", "RELAY_THREADS": "1"} | {
            name: value.replace("{folder}", self.folder.name) for name, value in environment.items()}
        self.port = 0
        self.start()

    def start(self):
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [self.binary], env=self.environment | {"PORT": str(self.port)}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)
        deadline = time.monotonic() + SECONDS_TO_START
        while not (listening := re.search(r'"listening".*?"port":(\d+)', self.log.read_text()[before:])):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the relay did not start:\n{self.log.read_text()}")
            time.sleep(0.01)
        self.port = int(listening[1])

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(30)

    def restart(self, number=signal.SIGTERM):
        self.end(number)
        self.start()

    def count(self, metric):
        """The sum of a counter's series."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(metric + "{"))

    def close(self):
        if self.process.poll() is None:
            self.end(signal.SIGKILL)
        self.folder.cleanup()
