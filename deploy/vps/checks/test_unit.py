"""The unit: what systemd says of it, and a relay within its bounds."""

import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from sandbox import USER, Sandbox
from server import HERE
from support import RELAY, RunningServer, answer, documented, value
from unit import Unit

# Of 10; without any of the unit's bounds it is 9.6.
MOST_EXPOSURE = 2.0


@unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd-analyze")
class Systemd(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        # The program need not be installed here.
        text = (HERE / "party-sockets.service").read_text()
        self.unit = pathlib.Path(folder.name) / "party-sockets.service"
        self.unit.write_text(text.replace(Unit().one("ExecStart"), RELAY))

    def test_it_takes_the_unit_without_a_word(self):
        result = subprocess.run(["systemd-analyze", "verify", self.unit], capture_output=True, text=True)
        # What it says of other units is not ours.
        said = [line for line in (result.stdout + result.stderr).splitlines() if "party-sockets" in line]
        self.assertEqual((result.returncode, said), (0, []), result.stderr)

    def test_the_service_is_hardly_exposed(self):
        result = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE * 10:.0f}", "--no-pager",
             self.unit], capture_output=True, text=True)
        [exposure] = re.findall(r"Overall exposure level for \S+: ([\d.]+)", result.stdout)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertLessEqual(float(exposure), MOST_EXPOSURE)


class Settings(unittest.TestCase):
    def test_those_of_the_servers_own_file_go_before_those_of_the_unit(self):
        text = "[Service]\nEnvironment=A=1 'B=two words'\nEnvironment=C=3\n"
        file = "# No setting\nC=4\nD=\"5 6\"\n"
        self.assertEqual(Unit(text).environment(file), {"A": "1", "B": "two words", "C": "3"})
        self.assertEqual(Unit(f"{text}EnvironmentFile=-/etc/x\n").environment(file),
                         {"A": "1", "B": "two words", "C": "4", "D": "5 6"})
        # It may be missing, and is where the README says.
        self.assertTrue(Unit().one("EnvironmentFile").startswith("-"))
        self.assertIn(f"`{Unit().one('EnvironmentFile')[1:]}`", (HERE / "README.md").read_text())

    def test_each_variable_of_the_unit_is_one_that_the_relay_documents(self):
        for name in Unit().environment():
            self.assertRegex(documented(), rf"\n\| `{name}` \|")


class Ends(unittest.TestCase):
    def test_what_is_always_started_again_is_not_given_up_after_some_times(self):
        units = sorted(HERE.parent.rglob("*.service"))
        self.assertIn(HERE / "party-sockets.service", units)
        for path in units:
            with self.subTest(path.name):
                unit = Unit(path.read_text())
                self.assertEqual(unit.one("Restart"), "always")
                # Where systemd reads it; by default it gives up after five starts in ten seconds.
                self.assertEqual(unit.one("StartLimitIntervalSec", "Unit"), "0")
                self.assertGreater(int(unit.one("RestartSec")), 0)


class Relay(unittest.TestCase):
    def start(self, **options):
        running = RunningServer([], **options)
        self.addCleanup(running.close)
        return running

    def test_it_runs_within_the_bounds(self):
        running = self.start()
        relay = running.server.parts["relay"]
        status = dict(line.split(":\t", 1) for line in
                      pathlib.Path(f"/proc/{relay.pid}/status").read_text().splitlines())
        if shutil.which("systemd-analyze"):
            self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), ("2", "1"))
        if os.geteuid() == 0:
            self.assertEqual(status["Uid"].split(), [str(USER)] * 4)
            self.assertEqual({int(status[name], 16) for name in ["CapBnd", "CapEff", "CapPrm", "CapAmb"]}, {0})
        self.assertEqual(running.get_plainly("relay", "/health").text, '{"status":"ok"}')

    def test_it_sends_by_io_uring_wherever_it_would_outside(self):
        within = self.start().get_plainly("metrics", "/metrics")
        outside = subprocess.Popen([RELAY], env={"PORT": "0", "HOST": "127.0.0.1"}, stdout=subprocess.PIPE)
        self.addCleanup(outside.stdout.close)
        self.addCleanup(outside.wait)
        self.addCleanup(outside.kill)
        place = http.client.HTTPConnection("127.0.0.1", json.loads(outside.stdout.readline())["port"])
        metrics = answer(place, "/metrics", ())
        self.assertEqual(value("party_sockets_io_uring", within), value("party_sockets_io_uring", metrics))

    def test_it_may_open_the_files_of_all_connections(self):
        running = self.start()
        allowed = int(Unit().one("LimitNOFILE"))
        [connections] = re.findall(r"\n\| `MAX_CONNECTIONS` \| ([\d,]+)", documented())
        self.assertGreaterEqual(allowed, 2 * int(connections.replace(",", "")))
        most = int(subprocess.run(["bash", "-c", "ulimit -Hn"], capture_output=True, text=True).stdout)
        self.assertEqual(value("process_max_fds", running.get_plainly("metrics", "/metrics")), min(allowed, most))

    def test_only_this_machine_reaches_it_and_metrics_are_on_a_port_of_their_own(self):
        running = self.start()
        ports = running.server.ports
        listening = subprocess.run(["cat", "/proc/net/tcp", "/proc/net/tcp6"], capture_output=True, text=True).stdout
        for name in ["relay", "metrics"]:
            places = re.findall(rf": ([0-9A-F]+):{ports[name]:04X} \S+ 0A ", listening)
            self.assertEqual(places, ["0100007F"], name)
        self.assertEqual(running.get_plainly("relay", "/metrics").status, 404)
        self.assertEqual(running.get_plainly("metrics", "/metrics").status, 200)

    def test_systemd_waits_longer_than_the_longest_drain(self):
        # Without a file for its rooms: then their players have all of the time.
        running = self.start(settings="ROOMS_FILE=\n")
        self.assertEqual(running.server.stop_relay(), 0)
        [bound] = re.findall(r'"bound":"(\d+) s"', running.server.log("relay"))
        self.assertGreaterEqual(int(Unit().one("TimeoutStopSec")), int(bound) + 8)


class Bounds(unittest.TestCase):
    """They are there: what the unit forbids fails."""

    FORBIDDEN = """
import errno, mmap, os, socket
def fails(action, *numbers):
    try:
        action()
    except OSError as error:
        return not numbers or error.errno in numbers
for name, action in {
        "memory that can be written and run": lambda: mmap.mmap(-1, 4096, prot=7),
        "other sockets": lambda: socket.socket(socket.AF_UNIX),
        "other processes": lambda: open("/proc/1/stat"),
        "the whole of proc": lambda: open("/proc/meminfo"),
        "devices": lambda: open("/dev/tty0"),
        "others' files": lambda: open("/tmp/CHECK")}.items():
    if not fails(action):
        print(name)
if not fails(lambda: os.utime("/usr/bin/env"), errno.EROFS):
    print("the system")
open("FOLDER/rooms", "w").close()
print(oct(os.stat("FOLDER/rooms").st_mode & 0o777))
"""

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("systemd-analyze"), "needs root and systemd-analyze")
    def test_nothing_of_the_machine_can_be_changed_and_little_be_seen(self):
        with tempfile.TemporaryDirectory(dir="/tmp") as folder, tempfile.NamedTemporaryFile(dir="/tmp") as other:
            os.chmod(other.name, 0o644)
            state = pathlib.Path(folder) / "state"
            sandbox = Sandbox(Unit(), "/usr/bin/python3", state)
            script = self.FORBIDDEN.replace("/tmp/CHECK", other.name).replace("FOLDER", str(sandbox.folder))
            result = subprocess.run([sandbox.program, "-I", "-c", script], preexec_fn=sandbox.enter,
                                    capture_output=True, text=True)
            self.assertEqual((result.stdout, result.stderr), ("0o600\n", ""))
            self.assertEqual(os.listdir(state), ["rooms"])
