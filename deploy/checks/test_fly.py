"""Checks that fly.toml agrees with the image, with the relay, and with itself."""

import re
import tomllib
import unittest

from dockerfile import stages
from documents import ENDING_SECONDS, REPOSITORY

FLY = tomllib.loads((REPOSITORY / "deploy/fly.toml").read_text())
CONFIGURATION = (REPOSITORY / "ops/CONFIGURATION.md").read_text()
# The platform's maximum.
LONGEST_KILL_TIMEOUT = 300


class Fly(unittest.TestCase):
    def setUp(self):
        self.service, self.env = FLY["http_service"], FLY["env"]

    def test_the_ports_are_those_that_the_relay_listens_on(self):
        [metrics] = FLY["metrics"]
        self.assertEqual(str(self.service["internal_port"]), self.env["PORT"])
        self.assertEqual(stages()[-1].one("EXPOSE").text, self.env["PORT"])
        self.assertEqual(str(metrics["port"]), self.env["METRICS_PORT"])
        self.assertNotEqual(self.env["METRICS_PORT"], self.env["PORT"])

    def test_metrics_have_no_service_that_would_make_them_public(self):
        self.assertEqual(FLY["metrics"][0]["path"], "/metrics")
        self.assertNotIn("services", FLY)

    def test_a_drain_ends_before_the_machine_is_killed(self):
        drain = int(self.env["DRAIN_SECONDS"])
        self.assertGreaterEqual(FLY["kill_timeout"], drain + ENDING_SECONDS)
        self.assertLessEqual(FLY["kill_timeout"], LONGEST_KILL_TIMEOUT)
        self.assertGreater(drain, 0, "0 is a drain without an end")
        # A drain is seen by at least one scrape.
        self.assertTrue(15 < int(self.env["DRAIN_DELAY_SECONDS"]) < drain)
        self.assertGreater(seconds(FLY["deploy"]["wait_timeout"]), FLY["kill_timeout"])

    def test_the_secret_of_the_machines_is_set_by_a_command_and_written_nowhere(self):
        self.assertNotIn("CLUSTER_SECRET", self.env)
        for name in ["deploy/README.md", "deploy/fly.toml"]:
            self.assertIn('fly secrets set CLUSTER_SECRET="$(openssl rand -hex 32)"', (REPOSITORY / name).read_text())

    def test_the_docker_commands_leave_a_drain_its_time(self):
        [drain] = re.findall(r"(?m)^\| `DRAIN_SECONDS` \| (\d+);", CONFIGURATION)
        commands = [command for name in ["README.md", "deploy/README.md"]
                    for command in re.findall(r"(?m)^docker run .*", (REPOSITORY / name).read_text())]
        self.assertGreaterEqual(len(commands), 2)
        for command in commands:
            [timeout] = re.findall(r"--stop-timeout (\d+) ", command)
            self.assertGreaterEqual(int(timeout), int(drain) + ENDING_SECONDS)

    def test_the_count_of_machines_in_the_commands_is_what_the_regions_hold(self):
        for name in ["deploy/README.md", "deploy/fly.toml"]:
            with self.subTest(name):
                [(count, rest)] = re.findall(r"fly scale count (\d+)(.*)", (REPOSITORY / name).read_text())
                [each] = re.findall(r"--max-per-region (\d+)", rest)
                [regions] = re.findall(r"--region ([a-z,]+)", rest)
                # The platform's count is for all named regions, and without a bound it spreads only the new machines.
                self.assertEqual(int(count), int(each) * len(regions.split(",")))

    def test_the_signal_is_the_image_s(self):
        self.assertEqual(FLY["kill_signal"], stages()[-1].one("STOPSIGNAL").text)

    def test_machines_go_one_at_a_time_and_only_by_a_deployment(self):
        self.assertEqual((FLY["deploy"]["strategy"], FLY["deploy"]["max_unavailable"]), ("rolling", 1))
        self.assertEqual(self.service["auto_stop_machines"], "off")

    def test_a_draining_machine_goes_on_getting_the_guests_of_its_rooms(self):
        [check] = self.service["checks"]
        self.assertEqual((check["method"], check["path"]), ("GET", "/health"))
        self.assertEqual([check[name] for name in ["interval", "timeout", "grace_period"]], ["10s", "2s", "3s"])

    def test_load_is_counted_in_connections(self):
        concurrency = self.service["concurrency"]
        self.assertEqual(concurrency["type"], "connections")
        self.assertLess(concurrency["soft_limit"], 430)
        self.assertGreater(concurrency["hard_limit"], 2 * concurrency["soft_limit"])

    def test_secrets_travel_encrypted(self):
        self.assertIs(self.service["force_https"], True)

    def test_the_relay_knows_every_variable(self):
        documented = re.findall(r"(?m)^\| `([A-Z_]+)` \|", CONFIGURATION)
        self.assertEqual(set(self.env) - set(documented), set())

    def test_codes_can_name_the_region(self):
        table = (REPOSITORY / "Sources/RelayCore/Codes/Region.swift").read_text()
        self.assertIn(FLY["primary_region"], re.findall(r"\b[a-z]{3}\b", table))

    def test_the_dockerfile_lies_beside_it(self):
        self.assertTrue((REPOSITORY / "deploy" / FLY["build"]["dockerfile"]).exists())


def seconds(duration):
    number, unit = re.fullmatch(r"(\d+)([sm])", duration).groups()
    return int(number) * {"s": 1, "m": 60}[unit]
