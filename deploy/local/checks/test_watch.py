"""Checks the program that watches the machines of an edge, with some that misbehave."""

import contextlib
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

from parts import EDGE
from support import die_with_the_checks, eventually

OK, DRAINING = b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
# What is said of a machine.
SILENT, WELL = "is silent: gets no new players", "takes players"
DRAINS, REFUSES = "drains or is full: takes no new players", "refuses connections"


class Stand:
    """Something that listens where a machine should, and does what `behave` does with each connection."""

    def __init__(self, address, port=0, answer=OK):
        self.answer = answer
        self.questions = []
        self.held = []
        self.listener = socket.create_server((address, port), backlog=100)
        self.address, self.port = self.listener.getsockname()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                channel, _ = self.listener.accept()
                # Whoever asks may have lost patience.
                with contextlib.suppress(ConnectionError):
                    self.questions.append(channel.recv(1000))
                    if self.answer is None:
                        self.held.append(channel)
                        continue
                    with channel:
                        channel.sendall(self.answer)

    def close(self):
        # An accept that waits in another thread would keep the socket.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for channel in self.held:
            channel.close()


class Watch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="party-sockets-check.")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.fleet, self.names = self.folder / "fleet", self.folder / "names"
        self.hosts = self.names / "hosts" / "machines"
        self.stands = {}

    def start(self):
        self.log = open(self.folder / "log", "w+b", buffering=0)
        self.addCleanup(self.log.close)
        process = subprocess.Popen(
            [sys.executable, EDGE / "watch.py", self.fleet, self.names], stderr=self.log, preexec_fn=die_with_the_checks)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def stand(self, name, number, answer=OK):
        port = next(iter(self.stands.values())).port if self.stands else 0
        self.stands[name] = stand = Stand(f"127.0.0.{number}", port, answer)
        self.addCleanup(stand.close)
        return stand

    def list(self, *names):
        """Replaces the list by one of these machines."""
        new = self.folder / "new"
        new.write_text("".join(
            f"{name} {name[:3]} {self.stands[name].address}:{self.stands[name].port}\n" for name in names))
        new.rename(self.fleet)

    def said(self):
        return (self.folder / "log").read_text()

    def changes(self, name):
        """What was said of a machine."""
        return re.findall(rf"(?m)^watch: {name} \(.*?\) (.*)", self.said())

    def said_of_the_list(self):
        """What was said of no machine."""
        return [line for line in self.said().splitlines() if not re.match(r"watch: \S+ \(", line)]

    def assert_changes(self, name, *expected):
        """That these are said in this order. A machine of a computer that is busy may be silent besides, but each line
        is of a change."""
        def are_said():
            rest = iter(self.changes(name))
            return all(each in rest for each in expected)
        self.assertTrue(eventually(are_said), (name, self.said()))
        changes = self.changes(name)
        self.assertEqual([pair for pair in zip(changes, changes[1:]) if pair[0] == pair[1]], [])

    def region(self, region):
        """The machines behind a region's name, by the last number of their addresses."""
        lines = self.hosts.read_text().splitlines() if self.hosts.exists() else []
        return [int(line.split()[0].split(".")[-1]) for line in lines if f" {region}.party-sockets.internal" in line]

    def assert_region(self, region, machines):
        self.assertTrue(eventually(lambda: self.region(region) == machines), (self.region(region), self.said()))

    def test_the_names_follow_what_the_machines_say(self):
        first, last = self.stand("ams-1", 2), self.stand("ams-5", 6)
        strange = [self.stand(f"ams-{number}", number + 1, answer) for number, answer in [
            (2, None), (3, b"SSH-2.0-x\r\n"), (4, b"x" * 10_000)]]
        self.list(*sorted(self.stands))
        # What an earlier run has left stays until every machine has been heard of.
        self.hosts.parent.mkdir(parents=True)
        self.hosts.write_text("as it was")
        self.start()
        self.assertTrue(eventually(lambda: self.hosts.read_text() != "as it was"))
        for number in [2, 3, 4]:
            self.assertIn(SILENT, self.changes(f"ams-{number}"))
        self.assert_region("ams", [2, 6])
        self.assertIn("127.0.0.4 ams-3.vm.party-sockets.internal\n", self.hosts.read_text())
        for stand in strange:
            stand.answer = OK
        self.assert_region("ams", [2, 3, 4, 5, 6])
        for number in [2, 3, 4]:
            self.assert_changes(f"ams-{number}", SILENT, WELL)
        first.answer = DRAINING
        self.assert_changes("ams-1", DRAINS)
        self.assert_region("ams", [3, 4, 5, 6])
        last.close()
        self.assert_changes("ams-5", REFUSES)
        self.assert_region("ams", [3, 4, 5, 6])
        self.assertEqual(self.said_of_the_list(), ["watch: 5 machines are listed"])
        self.assertEqual({question.split(b"\r\n")[0] for question in first.questions if question}, {b"GET /ready HTTP/1.1"})

    def test_the_list_is_read_anew_and_one_that_is_wrong_changes_nothing(self):
        self.stand("ams-1", 2), self.stand("iad-1", 3)
        self.list("ams-1")
        watch = self.start()
        self.assert_region("ams", [2])
        for wrong in ["ams-1\n", "\xff"]:
            self.fleet.write_text(wrong, encoding="latin-1")
            self.assertTrue(eventually(lambda: "what was in force stays so" in self.said_of_the_list()[-1]), self.said())
            before = len(self.said_of_the_list())
            self.list("ams-1", "iad-1")
            self.assert_region("iad", [3])
            self.assertEqual(len(self.said_of_the_list()[before:]), 2, self.said())
            self.assertIn('"ams-1 ams,iad-1 iad"', (self.names / "vms.conf").read_text())
            self.assertIn(f'"127.0.0.3:{self.stands["iad-1"].port}" "instance=iad-1;region=iad";',
                          (self.names / "edge-machines.conf").read_text())
            self.list("ams-1")
            self.assert_region("iad", [])
        self.fleet.unlink()
        self.assertTrue(eventually(lambda: "No such file" in self.said()))
        self.list("ams-1", "iad-1")
        self.assert_region("iad", [3])
        # The end of it leaves the names as they are.
        watch.kill()
        watch.wait()
        self.assertEqual(self.region("iad"), [3])

    def test_a_directory_that_cannot_be_written_is_said_once_and_tried_again(self):
        self.stand("ams-1", 2), self.stand("iad-1", 3)
        self.list("ams-1")
        self.names.mkdir()
        (self.names / "hosts").write_text("")
        self.start()
        self.assertTrue(eventually(lambda: "stays so" in self.said()))
        self.assertTrue(eventually(lambda: len(self.stands["ams-1"].questions) >= 2))
        self.assertEqual(self.said().count("stays so"), 1)
        (self.names / "hosts").unlink()
        self.assert_region("ams", [2])
        self.assertTrue(eventually(lambda: "as it should be again" in self.said()))

    def test_it_watches_a_large_fleet(self):
        self.stand("any", 1)
        everywhere = Stand("0.0.0.0")
        self.addCleanup(everywhere.close)
        self.hosts.parent.mkdir(parents=True)
        self.hosts.write_text("as it was")
        self.fleet.write_text("".join(
            f"m-{row}-{column} ams 127.1.{row}.{column}:{everywhere.port}\n" for row in range(2) for column in range(1, 251)))
        self.start()
        self.assertTrue(eventually(lambda: len(self.region("ams")) == 500), self.said())
        self.assertGreaterEqual(len(everywhere.questions), 500)

    def test_a_list_that_is_wrong_at_the_start_ends_it(self):
        for text in [None, "ams-1 ams 10.0.0.1\n"]:
            if text is not None:
                self.fleet.write_text(text)
            for more in [[], ["--once"]]:
                outcome = subprocess.run(
                    [sys.executable, EDGE / "watch.py", *more, self.fleet, self.names], capture_output=True, text=True)
                self.assertEqual((outcome.returncode, outcome.stderr.count("\n")), (1, 1), outcome.stderr)
                self.assertIn(str(self.fleet), outcome.stderr)
        self.assertFalse(self.names.exists())
