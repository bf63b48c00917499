"""How party-load is called, and what is read from its answer."""

import unittest
from types import SimpleNamespace

from comparison.measuring import LoadTest, values_of
from comparison.placement import place

ANSWER = {
    "shape": "state", "rooms": 50, "seconds": 2.0, "deliveriesPerSecond": 5e5,
    "latencySeconds": {"p50": 0.001, "p99": 0.002},
    "server": {"pid": 1, "cpuSeconds": 1.8, "cpuSecondsPerDelivery": 2e-6, "residentBytesAfter": 9_000_000,
               "residentBytesPerConnection": None},
    "load": {"busiestThreadShare": 0.7}, "joinsPerSecond": None}


class Calling(unittest.TestCase):
    def arguments(self, **options):
        server = SimpleNamespace(url="ws://127.0.0.1:4000", pid=77)
        return LoadTest("state", 2, warmup=0.5, **options).arguments(server, place([0, 1, 2, 3]))

    def test_all_options_are_named_as_party_load_names_them(self):
        self.assertEqual(self.arguments(rooms=50, in_flight=8), [
            "state", "--rooms", "50", "--in-flight", "8", "--url", "ws://127.0.0.1:4000", "--pid", "77", "--threads", "2",
            "--seconds", "2", "--warmup", "0.5", "--json"])

    def test_there_are_no_more_threads_than_rooms(self):
        arguments = self.arguments(rooms=1)
        self.assertEqual(arguments[arguments.index("--threads") + 1], "1")


class Reading(unittest.TestCase):
    def test_numbers_get_the_names_of_metrics(self):
        self.assertEqual(values_of(ANSWER), {
            "deliveries_per_second": 5e5, "cpu_seconds_per_delivery": 2e-6, "p50_seconds": 0.001, "p99_seconds": 0.002,
            "resident_bytes": 9_000_000, "load_share": 0.7, "server_share": 0.9})

    def test_what_a_shape_does_not_have_is_left_out(self):
        found = values_of({"latencySeconds": None, "server": None, "load": {}, "seconds": 1, "joinsPerSecond": 5000})
        self.assertEqual(found, {"joins_per_second": 5000})
