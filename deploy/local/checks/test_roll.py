"""The roll itself: it must find what goes wrong where rooms are neither handed over nor kept."""

import json
import os
import subprocess
import sys
import unittest

from support import HERE, RunningCluster

# Every room ends with its machine, or with its last connection.
FRAGILE = {"CLUSTER_SECRET": "", "EMPTY_GRACE_SECONDS": "0", "DRAIN_SECONDS": "1"}


class Roll(unittest.TestCase):
    def test_games_that_end_with_their_machines_are_counted(self):
        figures = self.roll("--patience", "60")
        self.assertEqual((figures["event"], figures["machines"]), ("roll", 2))
        self.assertGreaterEqual(figures["games_ended"], 4)
        self.assertEqual(figures["games"], figures["games_ended"] + 4)
        self.assertGreater(figures["refused"]["Room not found"], 0)

    def test_games_that_end_with_the_edges_are_counted(self):
        figures = self.roll("--edge-restart")
        self.assertEqual((figures["event"], figures["games_ended"]), ("edge-restart", 4))
        self.assertEqual(figures["endings"], {"not found": 4})

    def test_where_nothing_happens_to_a_player_nothing_is_found(self):
        figures = self.roll("--freeze", "0.5", status=0)
        self.assertEqual((figures["event"], figures["games_ended"]), ("freeze", 0))
        # Each player has sent one message a second to three others.
        self.assertGreater(figures["messages"]["due"], 4 * 4 * 3)
        self.assertEqual(figures["absences"]["count"], figures["connections_lost"])

    def test_it_says_what_it_cannot_do(self):
        for arguments, environment, complaint in [
                ([], {"CLUSTER_DIR": ""}, "no cluster"), ([], {"CLUSTER_DIR": "/nosuch"}, "no cluster runs in /nosuch"),
                (["--players", "1"], {}, "--players from 2"), (["--freeze", "1", "--edge-restart"], {}, "not allowed")]:
            with self.subTest(arguments):
                done = self.run_roll(arguments, environment)
                self.assertEqual(done.returncode, 2)
                self.assertIn(complaint, done.stderr)

    def roll(self, *arguments, status=1):
        cluster = RunningCluster("--machines", "2", "--regions", "ams", **FRAGILE)
        self.addCleanup(cluster.end)
        cluster.wait_until_ready()
        done = self.run_roll(["--games", "4", *arguments], {"CLUSTER_DIR": str(cluster.state)})
        self.assertEqual((done.returncode, done.stderr), (status, ""), done.stdout)
        return json.loads(done.stdout.splitlines()[-1])

    def run_roll(self, arguments, environment):
        return subprocess.run(
            [sys.executable, HERE.parent / "roll", *arguments], capture_output=True, text=True,
            env=os.environ | environment)
