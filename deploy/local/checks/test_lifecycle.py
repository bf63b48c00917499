"""Checks that a cluster starts, reports, and ends without a trace, however it ends."""

import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from support import SCRIPTED, RunningCluster, eventually, group_of


class Lifecycle(unittest.TestCase):
    def start(self, *arguments, binary=SCRIPTED):
        cluster = RunningCluster("--machines", "1", "--regions", "ams iad", *arguments, binary=binary)
        self.addCleanup(cluster.end)
        return cluster

    def test_a_signal_ends_it_without_a_trace(self):
        for number, status in [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]:
            with self.subTest(number.name):
                cluster = self.start().wait_until_ready()
                self.assertEqual(cluster.end(number)[0], status)
                self.assertEqual(cluster.leftovers(), [])

    def test_a_signal_while_it_starts_ends_it_without_a_trace(self):
        # Its machines never answer.
        cluster = self.start(binary=script(self, "exec sleep 1000"))
        folder = pathlib.Path(cluster.around.name)
        self.assertTrue(eventually(lambda: list(folder.glob("*/machine-*.log"))))
        self.assertEqual(cluster.end()[0], 143)
        self.assertEqual(cluster.leftovers(), [])

    def test_frozen_machines_end_too(self):
        cluster = self.start().wait_until_ready()
        for machine in cluster.machines:
            os.kill(machine.pid, signal.SIGSTOP)
        self.assertEqual(cluster.end()[0], 143)
        self.assertEqual(cluster.leftovers(), [])

    def test_a_command_finds_the_cluster_in_its_environment_and_gives_its_status(self):
        command = 'echo "$LIVE_URL $LIVE_EDGES $LIVE_MACHINES" >&2; cat "$CLUSTER_DIR/machines" >&2; exit 7'
        cluster = self.start("--", "sh", "-c", command)
        status, said = cluster.wait()
        self.assertEqual(status, 7)
        self.assertEqual(cluster.leftovers(), [])
        self.assertRegex(
            said, r"\n(http://127.0.0.1:\d+) ams=\1,iad=http://127.0.0.1:\d+ ([0-9a-f]{14}):ams,([0-9a-f]{14}):iad\n"
            r"\2 ams 127.0.1.1:\d+ \d+\n\3 iad 127.0.2.1:\d+ \d+\n")

    def test_the_end_is_the_end_of_the_command_too(self):
        cluster = self.start("--", "sh", "-c", "sleep 1000 & echo sleeps $! >&2; wait")
        cluster.wait_until_ready()
        sleeper = int(cluster.process.stderr.readline().split()[1])
        self.assertEqual(cluster.end()[0], 143)
        self.assertEqual(cluster.leftovers(), [])
        self.assertIsNone(group_of(pathlib.Path(f"/proc/{sleeper}")))

    def test_a_part_that_does_not_start_is_named_with_its_log(self):
        cluster = self.start(binary=script(self, 'echo "no room for $FLY_REGION"; exit 3'))
        status, said = cluster.wait()
        self.assertEqual(status, 1)
        self.assertRegex(said, r"did not start: machine-(ams|iad)-[0-9a-f]{14} \(exit status 3\)")
        self.assertRegex(said, r"no room for (ams|iad)")
        self.assertEqual(cluster.leftovers(), [])

    def test_what_cannot_be_run_is_said(self):
        for arguments, binary in [((), "/nosuch"), (("--", "/nosuch"), SCRIPTED)]:
            status, said = self.start(*arguments, binary=binary).wait()
            self.assertEqual(status, 1)
            self.assertRegex(said, "cannot run /nosuch: No such file")

    def test_a_machine_that_somebody_kills_is_told_and_the_rest_goes_on(self):
        cluster = self.start().wait_until_ready()
        [ams], [iad] = cluster.of("ams"), cluster.of("iad")
        os.kill(ams.pid, signal.SIGKILL)
        self.assertIn(f"ended: machine-ams-{ams.id}", cluster.process.stderr.readline())
        self.assertEqual(cluster.send("iad", "/x").id, iad.id)
        os.kill(cluster.pids["dns"], signal.SIGTERM)
        self.assertIn("ended: dns", cluster.process.stderr.readline())
        self.assertEqual(cluster.end()[0], 143)
        self.assertEqual(cluster.leftovers(), [])

    def test_a_machine_that_crashes_or_an_edge_that_ends_ends_all(self):
        for name, number in [("machine", signal.SIGSEGV), ("edge", signal.SIGKILL), ("edge", signal.SIGTERM)]:
            with self.subTest(f"{name} {number.name}"):
                cluster = self.start().wait_until_ready()
                os.kill(cluster.pids.get(name, cluster.machines[0].pid), number)
                status, said = cluster.wait()
                self.assertEqual(status, 1)
                self.assertIn(f"died: {name}", said)
                self.assertEqual(cluster.leftovers(), [])

    def test_nothing_runs_on_when_it_is_killed(self):
        cluster = self.start().wait_until_ready()
        cluster.end(signal.SIGKILL)
        groups = [*cluster.pids.values(), *(machine.pid for machine in cluster.machines)]
        self.assertTrue(eventually(lambda: not any(is_alive(group) for group in groups)))

    def test_clusters_run_beside_each_other(self):
        clusters = [self.start() for _ in range(4)]
        ports = set()
        for cluster in clusters:
            cluster.wait_until_ready()
            for region, url in cluster.urls.items():
                self.assertEqual(cluster.send(region, "/x").id, cluster.of(region)[0].id)
                ports.add(url)
        self.assertEqual(len(ports), 8)
        for cluster in clusters:
            cluster.end()
            self.assertEqual(cluster.leftovers(), [])

    def test_a_directory_that_was_asked_for_is_kept_without_the_process_ids(self):
        with tempfile.TemporaryDirectory() as folder:
            cluster = self.start("--state-dir", f"{folder}/new/state").wait_until_ready()
            self.assertEqual(cluster.end()[0], 143)
            self.assertEqual(cluster.leftovers(), [])
            kept = os.listdir(f"{folder}/new/state")
            self.assertIn("edge-requests.log", kept)
            self.assertNotIn("machines", kept)

    def test_arguments_that_mean_nothing_are_refused(self):
        for arguments in [["--regions", ""], ["--regions", "ams ams"], ["--regions", "x;y"], ["--machines", "0"]]:
            with self.subTest(arguments):
                status, said = self.start(*arguments).wait()
                self.assertEqual(status, 2)
                self.assertIn(f"{arguments[0]} must be", said)


def script(test, text):
    """A program that does this, instead of a relay."""
    folder = tempfile.TemporaryDirectory()
    test.addCleanup(folder.cleanup)
    path = pathlib.Path(folder.name) / "machine"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def is_alive(group):
    try:
        os.killpg(group, 0)
        return True
    except ProcessLookupError:
        return False
