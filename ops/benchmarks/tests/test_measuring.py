"""How party-load is called, and what is read from its answer."""

import json
import unittest
from types import SimpleNamespace

from comparison.measuring import LoadTest, OwnCounts, values_of
from comparison.placement import place

ANSWER = {
    "shape": "state", "rooms": 50, "seconds": 2.0, "deliveriesPerSecond": 5e5,
    "latencySeconds": {"p50": 0.001, "p99": 0.002, "p999": 0.004},
    "server": {"pid": 1, "cpuSeconds": 1.8, "cpuSecondsPerDelivery": 2e-6, "residentBytesAfter": 9_000_000,
               "residentBytesPerConnection": None},
    "load": {"busiestThreadShare": 0.7}, "connectionsPerSecond": None}


class Calling(unittest.TestCase):
    def arguments(self, **options):
        server = SimpleNamespace(url="ws://127.0.0.1:4000", pid=77)
        return LoadTest("state", 2, warmup=0.5, **options).arguments(server, place([0, 1, 2, 3]))

    def test_all_options_are_named_as_party_load_names_them(self):
        self.assertEqual(self.arguments(rooms=50, members=4, in_flight=8), [
            "state", "--rooms", "50", "--members", "4", "--in-flight", "8", "--url", "ws://127.0.0.1:4000", "--pid", "77", "--threads", "2",
            "--warmup", "0.5", "--seconds", "2", "--json"])

    def test_a_shape_that_counts_is_told_no_seconds(self):
        server = SimpleNamespace(url="ws://127.0.0.1:4000", pid=77)
        self.assertNotIn("--seconds", LoadTest("connect", connections=10).arguments(server, place([0, 1])))

    def test_more_connections_than_one_address_has_ports_for_come_from_two(self):
        for options, is_from_two in [
                ({"connections": 10_000}, False), ({"connections": 19_700, "members": 8}, True),
                ({"rooms": 5000, "members": 2}, False), ({"rooms": 9850, "members": 2}, True)]:
            self.assertEqual("--source" in self.arguments(**options), is_from_two, options)

    def test_there_are_no_more_threads_than_rooms(self):
        arguments = self.arguments(rooms=1, members=2)
        self.assertEqual(arguments[arguments.index("--threads") + 1], "1")

    def test_the_first_of_idle_connections_warm_a_server_up(self):
        runs = []

        class Recorded(LoadTest):
            def run(self, *_, **instead):
                runs.append(instead.get("connections", self.connections))
                return json.dumps(ANSWER)

        Recorded("idle", seconds=1, connections=5_000).load(None, None, None)
        Recorded("state", rooms=50, members=4).load(None, None, None)
        self.assertEqual(runs, [64, 5_000, 200])


class Reading(unittest.TestCase):
    def test_numbers_get_the_names_of_metrics(self):
        self.assertEqual(values_of(ANSWER), {
            "deliveries_per_second": 5e5, "cpu_seconds_per_delivery": 2e-6, "p50_seconds": 0.001, "p99_seconds": 0.002,
            "p999_seconds": 0.004, "resident_bytes": 9_000_000, "load_share": 0.7, "server_share": 0.9})

    def test_the_cost_of_long_messages_is_by_the_bytes_that_were_delivered(self):
        found = values_of(ANSWER | {"payload": 16_384})
        self.assertAlmostEqual(found["cpu_seconds_per_megabyte"], 2e-6 / 0.016384)

    def test_what_was_sent_becomes_a_rate(self):
        self.assertEqual(values_of(ANSWER | {"sent": 36_000})["sent_per_second"], 18_000)

    def test_what_a_shape_does_not_have_is_left_out(self):
        found = values_of({"latencySeconds": None, "server": None, "load": {}, "seconds": 1, "rejoinsPerSecond": 5000})
        self.assertEqual(found, {"rejoins_per_second": 5000})

    def test_the_cost_of_a_connection_is_that_of_the_shape_that_makes_them(self):
        found = values_of(ANSWER | {"shape": "connect", "connections": 1000})
        self.assertAlmostEqual(found["cpu_seconds_per_connection"], 0.0018)


class Counts(unittest.TestCase):
    def counts(self, *pages, program="relay"):
        """Samples at seconds 0, 1, 2 and so on."""
        clock = SimpleNamespace(now=0)
        told = iter(pages)
        server = SimpleNamespace(program=program, metrics=lambda *names: next(told))
        counts = OwnCounts(server, lambda: clock.now)
        for clock.now in range(len(pages)):
            counts.sample()
        return counts

    def test_only_the_last_seconds_count_without_the_set_up_before_them(self):
        counts = self.counts((0, 0), (1000, 100), (1010, 140), (1020, 180))
        self.assertEqual(counts.sends_per_delivery(seconds=2), {"sends_per_delivery": 0.25})

    def test_too_few_looks_or_no_delivery_make_no_figure(self):
        self.assertEqual(self.counts((0, 0), (10, 40)).sends_per_delivery(seconds=0.5), {})
        self.assertEqual(self.counts((5, 7), (6, 7)).sends_per_delivery(seconds=9), {})
        self.assertEqual(self.counts(None, None, (1, 4)).sends_per_delivery(seconds=9), {})

    def test_nobody_asks_more_often_than_twice_a_second_nor_asks_a_peer(self):
        clock = SimpleNamespace(now=0.0)
        asked = []
        server = SimpleNamespace(program="relay", metrics=lambda *names: asked.append(names))
        counts = OwnCounts(server, lambda: clock.now)
        for step in range(100):
            clock.now = step / 100
            counts.sample()
        self.assertLessEqual(len(asked), 3)
        self.assertEqual(self.counts((0, 0), program="bun").samples, [])
