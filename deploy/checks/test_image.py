"""Checks that the relay runs in the image's root as a container would run it, and that nothing else is there."""

import http.client
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import time
import unittest

from imageroot import ImageRoot
from layer import Layer
from libraries import listed_libraries, loader
from test_fly import FLY

ROOT = os.environ.get("CHECK_ROOT")
# The default of MAX_BUFFERED_BYTES.
BUFFERED_BYTES = 96 << 20
# Bytes, unpacked and as a registry holds it.
MOST, MOST_COMPRESSED = 45_000_000, 16_000_000
STARTS = 20


@unittest.skipUnless(ROOT, "no --root")
class TheImage(unittest.TestCase):
    def setUp(self):
        self.root = ImageRoot(ROOT)
        self.program = self.root.path / self.root.image.entrypoint[0].lstrip("/")

    def start(self, **environment):
        relay = Relay(self.root, environment)
        self.addCleanup(relay.kill)
        return relay

    def run_inside(self, command, **environment):
        return subprocess.run(
            command, preexec_fn=self.root.enter, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=30)

    def test_it_has_the_program_its_libraries_and_what_tells_of_them(self):
        listed = self.run_inside([loader(self.program), "--list", self.root.image.entrypoint[0]])
        self.assertEqual((listed.returncode, listed.stderr), (0, ""))
        libraries = listed_libraries(listed.stdout)
        print("linked to", ", ".join(os.path.basename(path) for path in libraries))
        told = re.compile(r"/usr/share/(doc/[^/]+/(copyright|(LICENSE|NOTICE)(\.\w+)?)|party-sockets/[^/]+\.cdx\.json)")
        files = {
            f"/{path}" for path, size in Layer(self.root.path).sizes.items()
            if size is not None and path not in self.root.FILES}
        self.assertEqual(
            {path for path in files if not told.fullmatch(path)},
            {self.root.image.entrypoint[0], *libraries, "/etc/passwd", "/etc/group"})

    def test_it_is_small(self):
        layer = Layer(self.root.path)
        print(f"{layer.size / 1e6:.2f} MB, {layer.compressed_size / 1e6:.2f} MB as a registry holds it")
        self.assertLess(layer.size, MOST)
        self.assertLess(layer.compressed_size, MOST_COMPRESSED)

    def test_the_relay_runs_as_the_image_s_user(self):
        status = self.start().status()
        image = self.root.image
        self.assertEqual(status["Uid"].split(), [str(image.user)] * 4)
        self.assertEqual(status["Gid"].split(), [str(image.group)] * 4)
        self.assertEqual(status["Groups"].split(), [])
        self.assertEqual(int(status["CapEff"], 16), 0)
        self.assertEqual(
            (self.root.path / "etc/passwd").read_text().split(":")[:4],
            ["party-sockets", "x", str(image.user), str(image.group)])

    def test_the_folder_for_a_file_of_rooms_is_that_user_s(self):
        folder = (self.root.path / "var/lib/party-sockets").stat()
        self.assertEqual((folder.st_uid, folder.st_gid), (self.root.image.user, self.root.image.group))
        others = [path for path in self.root.path.rglob("*") if path.lstat().st_uid != 0]
        self.assertEqual(len(others), 1)

    def test_it_tells_its_health_itself(self):
        relay = self.start()
        healthy = self.run_inside(self.root.image.healthcheck, **relay.environment)
        self.assertEqual((healthy.returncode, healthy.stderr), (0, ""))
        relay.kill()
        ill = self.run_inside(self.root.image.healthcheck, **relay.environment)
        self.assertEqual(ill.returncode, 1)
        self.assertEqual(len(ill.stderr.splitlines()), 1, ill.stderr)

    def test_a_name_of_the_machine_s_own_list_is_found(self):
        relay = self.start(HOST="localhost")
        self.assertEqual(self.run_inside(self.root.image.healthcheck, **relay.environment).returncode, 0)

    def test_it_cannot_write_where_it_runs(self):
        relay = self.start()
        self.assertTrue(os.statvfs(f"/proc/{relay.process.pid}/root").f_flag & os.ST_RDONLY)

    def test_a_crash_is_the_signal_and_waits_for_no_tool(self):
        relay = self.start()
        relay.process.send_signal(signal.SIGILL)
        self.assertEqual(relay.process.wait(30), -signal.SIGILL)

    def test_the_signal_of_the_image_ends_it_well(self):
        relay = self.start()
        relay.process.send_signal(signal.Signals[self.root.image.stage.one("STOPSIGNAL").text])
        self.assertEqual(relay.process.wait(30), 0)

    def test_the_settings_of_fly_start_it(self):
        ports = {"PORT": "0", "METRICS_PORT": "0"}
        relay = self.start(**FLY["env"] | ports)
        self.assertEqual(self.run_inside(self.root.image.healthcheck, **relay.environment).returncode, 0)

    def test_what_it_takes_at_most_fits_into_fly_s_machine(self):
        started = [self.start() for _ in range(STARTS)]
        resident = max(int(relay.status()["VmRSS"].split()[0]) for relay in started) << 10
        times = [relay.seconds * 1000 for relay in started]
        print(f"resident {resident / 1e6:.1f} MB; first answer after {statistics.median(times):.1f} ms",
              f"({min(times):.1f} to {max(times):.1f})")
        [machine] = FLY["vm"]
        memory = int(re.fullmatch(r"(\d+)mb", machine["memory"])[1]) << 20
        self.assertLess(resident + BUFFERED_BYTES, 0.75 * memory)

    def test_nothing_stays_mounted(self):
        self.run_inside(self.root.image.entrypoint + ["--version"])
        self.assertNotIn(str(self.root.path), pathlib.Path("/proc/self/mountinfo").read_text())


class Relay:
    """A relay that has been started in the root, and has answered."""

    def __init__(self, root, environment):
        begun = time.monotonic()
        self.environment = {"HOST": "127.0.0.1", "PORT": "0"} | environment
        self.process = subprocess.Popen(
            root.image.entrypoint, preexec_fn=root.enter, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            said = json.loads(line)
            if said.get("message") == "listening":
                break
        else:
            raise AssertionError(f"did not start: exit status {self.process.wait()}")
        self.environment["PORT"] = str(said["port"])
        connection = http.client.HTTPConnection("localhost", said["port"])
        connection.request("GET", "/health")
        status = connection.getresponse().status
        connection.close()
        self.seconds = time.monotonic() - begun
        if status != 200:
            raise AssertionError(f"answered {status}")

    def status(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return dict(line.split(":", 1) for line in text.splitlines())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
