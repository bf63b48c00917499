"""Checks that the relay runs in the image's root as a container would run it, and needs nothing else."""

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
from test_fly import FLY

ROOT = os.environ.get("CHECK_ROOT")
# The program, and the packages whose libraries it may be linked to: c-ares, and those of every Debian.
PACKAGES = {"libc-ares2", "libc6", "libgcc-s1", "libstdc++6"}
# The default of MAX_BUFFERED_BYTES.
BUFFERED_BYTES = 96 << 20


@unittest.skipUnless(ROOT, "no --root")
class TheImage(unittest.TestCase):
    def setUp(self):
        self.root = ImageRoot(ROOT)
        self.program = self.root.path / self.root.image.entrypoint[0].lstrip("/")

    def start(self, enter=None, **environment):
        relay = Relay(self.root, enter or self.root.enter, environment)
        self.addCleanup(relay.kill)
        return relay

    def run_inside(self, command, enter=None, **environment):
        return subprocess.run(
            command, preexec_fn=enter or self.root.enter, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=30)

    def test_every_library_is_in_it_and_from_a_package_that_belongs_there(self):
        loader = re.search(rb"/lib[^\0]*/ld-[^\0]+", self.program.read_bytes()[:4096])[0].decode()
        listed = self.run_inside([loader, "--list", self.root.image.entrypoint[0]])
        self.assertEqual((listed.returncode, listed.stderr), (0, ""))
        self.assertNotIn("not found", listed.stdout)
        libraries = {os.path.basename(path) for path in re.findall(r"(/\S+) \(0x", listed.stdout)}
        packages = {package for package, files in self.installed().items() if libraries & files}
        print("linked to", ", ".join(sorted(libraries)), "of", ", ".join(sorted(packages)))
        self.assertEqual(packages, PACKAGES)

    def installed(self):
        """The names of each package's libraries."""
        return {
            path.stem.split(":")[0]: {os.path.basename(line) for line in path.read_text().splitlines() if ".so" in line}
            for path in (self.root.path / "var/lib/dpkg/info").glob("*.list")}

    def test_the_relay_runs_as_the_image_s_user_where_no_other_program_is(self):
        with self.assertRaises(FileNotFoundError):
            self.run_inside(["/bin/sh", "-c", "true"], enter=self.root.enter_without_programs)
        relay = self.start(self.root.enter_without_programs)
        status = relay.status()
        image = self.root.image
        self.assertEqual(status["Uid"].split(), [str(image.user)] * 4)
        self.assertEqual(status["Gid"].split(), [str(image.group)] * 4)
        self.assertEqual(status["Groups"].split(), [])
        self.assertEqual(int(status["CapEff"], 16), 0)

    def test_it_tells_its_health_itself(self):
        relay = self.start(self.root.enter_without_programs)
        healthy = self.run_inside(self.root.image.healthcheck, self.root.enter_without_programs, **relay.environment)
        self.assertEqual((healthy.returncode, healthy.stderr), (0, ""))
        relay.kill()
        ill = self.run_inside(self.root.image.healthcheck, self.root.enter_without_programs, **relay.environment)
        self.assertEqual(ill.returncode, 1)
        self.assertEqual(len(ill.stderr.splitlines()), 1, ill.stderr)

    def test_it_cannot_write_where_it_runs(self):
        touched = self.run_inside(["/usr/bin/touch", "/tmp/x"])
        self.assertIn("Read-only file system", touched.stderr)

    def test_the_signal_of_the_image_ends_it_well(self):
        relay = self.start()
        relay.process.send_signal(signal.Signals[self.root.image.stage.one("STOPSIGNAL").text])
        self.assertEqual(relay.process.wait(30), 0)

    def test_the_settings_of_fly_start_it(self):
        ports = {"PORT": "0", "METRICS_PORT": "0"}
        relay = self.start(**FLY["env"] | ports)
        self.assertEqual(self.run_inside(self.root.image.healthcheck, **relay.environment).returncode, 0)

    def test_what_it_takes_at_most_fits_into_fly_s_machine(self):
        started = [self.start() for _ in range(9)]
        resident = max(int(relay.status()["VmRSS"].split()[0]) for relay in started) << 10
        times = [relay.seconds * 1000 for relay in started]
        print(f"resident {resident / 1e6:.1f} MB; ready in {statistics.median(times):.1f} ms",
              f"({min(times):.1f} to {max(times):.1f})")
        [machine] = FLY["vm"]
        memory = int(re.fullmatch(r"(\d+)mb", machine["memory"])[1]) << 20
        self.assertLess(resident + BUFFERED_BYTES, 0.75 * memory)

    def test_nothing_stays_mounted(self):
        self.run_inside(self.root.image.entrypoint + ["--version"])
        self.assertNotIn(str(self.root.path), pathlib.Path("/proc/self/mountinfo").read_text())


class Relay:
    """A relay that has been started in the root, and has logged that it listens."""

    def __init__(self, root, enter, environment):
        begun = time.monotonic()
        self.environment = {"HOST": "127.0.0.1", "PORT": "0"} | environment
        self.process = subprocess.Popen(
            root.image.entrypoint, preexec_fn=enter, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            said = json.loads(line)
            if said.get("message") == "listening":
                break
        else:
            raise AssertionError(f"did not start: exit status {self.process.wait()}")
        self.seconds = time.monotonic() - begun
        self.environment["PORT"] = str(said["port"])

    def status(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return dict(line.split(":", 1) for line in text.splitlines())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
