"""How k6 is called, which of the server's time counts, and what is read from the script's figures."""

import os
import pathlib
import re
import tempfile
import unittest

from comparison.k6 import SCRIPT, K6Test, Play, cpu_seconds, values_of

FIGURES = {
    "rooms": 20, "seconds": 4, "deliveries": 8000, "drops": 0, "errors": 0,
    "inputLatencyMilliseconds": {"p50": 0.5, "p95": 4, "p99": 9, "max": 20},
    "stateLatencyMilliseconds": {"p50": 0.25, "p95": 2, "p99": 8, "max": 16}}
OPEN, PLAYED = 'time="x" level=info msg=open source=console\n', 'time="x" level=info msg=played source=console\n'


class Calling(unittest.TestCase):
    def test_what_the_script_is_told_are_variables_that_it_reads(self):
        command = K6Test(rooms=20, seconds=4).command(["/bin/k6"], "ws://127.0.0.1:4000", "/tmp/k6.json")
        told = dict(text.split("=", 1) for option, text in zip(command, command[1:]) if option == "--env")
        self.assertEqual((told["URL"], told["ROOMS"], told["SECONDS"]), ("ws://127.0.0.1:4000", "20", "4"))
        read = set(re.findall(r"^//     ([A-Z0-9_]+) ", SCRIPT.read_text(), re.M))
        self.assertEqual(set(told), read)
        self.assertEqual(command[-1], str(SCRIPT))


class Playing(unittest.TestCase):
    def cpu(self, *logs):
        """Of a server that works a second between two looks."""
        with tempfile.TemporaryDirectory() as folder:
            log, clock = pathlib.Path(folder) / "log", iter(range(100))
            play = Play(log, 2, lambda: now)
            for text, now in zip(logs, clock):
                log.write_text(text)
                play.look()
            return play.cpu_seconds

    def test_it_counts_from_the_last_room_that_opens_to_the_first_that_has_played(self):
        self.assertEqual(self.cpu("", OPEN, OPEN * 2, OPEN * 2, OPEN * 2 + PLAYED, OPEN * 2 + PLAYED * 2), 2)

    def test_rooms_that_were_not_seen_to_open_or_to_end_make_no_figure(self):
        self.assertIsNone(self.cpu(OPEN, OPEN + PLAYED))
        self.assertIsNone(self.cpu(OPEN * 2, OPEN * 2))

    def test_the_clock_is_that_of_the_process(self):
        before = cpu_seconds(os.getpid())
        sum(range(300_000))
        self.assertGreater(cpu_seconds(os.getpid()), before)


class Reading(unittest.TestCase):
    def test_numbers_get_the_names_of_metrics(self):
        self.assertEqual(values_of(FIGURES, 0.04), {
            "p50_seconds": 0.0005, "p95_seconds": 0.004, "state_p50_seconds": 0.00025, "state_p95_seconds": 0.002,
            "cpu_seconds_per_delivery": 5e-6, "server_share": 0.01})

    def test_without_the_servers_time_there_is_no_cost(self):
        self.assertNotIn("cpu_seconds_per_delivery", values_of(FIGURES, None))
