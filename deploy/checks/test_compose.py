"""Checks that compose.yaml is what Compose reads, and agrees with the image, the relay and the edge."""

import ipaddress
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

import tools
from dockerfile import Image, stages
from documents import ENDING_SECONDS, REPOSITORY, default, edge_ports, settings

DEPLOY = REPOSITORY / "deploy"


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        project = cls.read("--profile", "several")
        cls.services, cls.networks = project["services"], project["networks"]
        cls.relays = {name: each for name, each in cls.services.items() if "INSTANCE_ID" in each.get("environment", {})}

    @classmethod
    def read(cls, *options):
        status, said, problems = tools.compose(
            "--file", str(DEPLOY / "compose.yaml"), *options, "config", "--format", "json")
        assert (status, problems) == (0, ""), problems
        return json.loads(said)

    def test_a_mistake_would_be_found(self):
        for wrong in ["relay: {image: x, restrat: always}", "relay: {image: x, stop_grace_period: long}"]:
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "compose.yaml"
                file.write_text(f"services: {{{wrong}}}\n")
                self.assertNotEqual(tools.compose("--file", str(file), "config")[0], 0, wrong)

    def test_there_is_one_relay_unless_several_are_asked_for(self):
        alone = self.read()["services"]
        self.assertEqual([name for name in alone if name in self.relays], ["relay-1"])
        self.assertEqual(set(self.services) - set(alone), {"relay-2", "relay-3"})

    def test_a_relay_is_known_by_its_service_s_name(self):
        for name, relay in self.relays.items():
            self.assertEqual(relay["environment"]["INSTANCE_ID"], name)

    def test_a_drain_ends_before_the_relay_is_killed(self):
        for relay in self.relays.values():
            drain = int(relay["environment"]["DRAIN_SECONDS"])
            self.assertGreater(drain, 0, "0 is a drain without an end")
            self.assertGreaterEqual(seconds(relay["stop_grace_period"]), drain + ENDING_SECONDS)

    def test_the_health_check_is_the_image_s(self):
        instruction = stages()[-1].one("HEALTHCHECK")
        for relay in self.relays.values():
            check = relay["healthcheck"]
            self.assertEqual(check.pop("test"), ["CMD", *Image().healthcheck])
            self.assertEqual(
                {name.replace("_", "-"): str(value) for name, value in check.items()}, instruction.flags)

    def test_nothing_but_the_image_s_program_runs_in_it(self):
        for relay in self.relays.values():
            self.assertEqual((relay["entrypoint"], relay["command"]), (None, None))
            self.assertEqual(relay["healthcheck"]["test"][1], Image().entrypoint[0])
        built = [relay["build"] for relay in self.relays.values() if "build" in relay]
        self.assertEqual([(DEPLOY / "..").resolve()], [pathlib.Path(each["context"]) for each in built])
        self.assertTrue((REPOSITORY / built[0]["dockerfile"]).exists())

    def test_each_relay_has_a_rooms_file_of_its_own_on_a_volume_that_is_its_user_s(self):
        [volume] = self.relays["relay-1"]["volumes"]
        # A new volume takes the owner of this folder.
        self.assertIn(f'"{volume["target"].lstrip("/")}"', (DEPLOY / "collect-root").read_text())
        for relay in self.relays.values():
            self.assertEqual(relay["volumes"], [volume])
        files = [pathlib.PurePath(relay["environment"]["ROOMS_FILE"]) for relay in self.relays.values()]
        self.assertEqual({str(file.parent) for file in files}, {volume["target"]})
        self.assertEqual(len(set(files)), len(self.relays))

    def test_the_ports_fit_each_other(self):
        listens, asks = edge_ports()
        for relay in self.relays.values():
            self.assertEqual(relay["environment"]["PORT"], stages()[-1].one("EXPOSE").text)
            self.assertEqual(relay["environment"]["PORT"], str(asks))
        self.assertIn(f"reverse_proxy edge:{listens}\n", (DEPLOY / "compose/Caddyfile").read_text())

    def test_only_caddy_is_open_to_the_world(self):
        published = {name: each["ports"] for name, each in self.services.items() if each.get("ports")}
        self.assertEqual(set(published), {"caddy", "prometheus"})
        self.assertEqual([port["host_ip"] for port in published["prometheus"]], ["127.0.0.1"])
        for name, service in self.services.items():
            if name not in published and "networks" in service:
                self.assertEqual(set(service["networks"]), {"inside"}, name)

    def test_players_with_ipv6_keep_their_addresses_and_reach_caddy_alone(self):
        self.assertIs(self.networks["outside"]["enable_ipv6"], True)
        [subnet] = self.networks["outside"]["ipam"]["config"]
        network = ipaddress.ip_network(subnet["subnet"])
        self.assertEqual((network.version, network.is_private), (6, True))
        self.assertEqual([name for name, each in self.services.items() if "outside" in each["networks"]], ["caddy"])
        self.assertEqual([name for name, each in self.networks.items() if each.get("enable_ipv6")], ["outside"])

    def test_an_update_s_last_command_restarts_all_that_read_mounted_files(self):
        mounted = {name for name, each in self.services.items()
                   if any(volume["type"] == "bind" for volume in each["volumes"])}
        [named] = re.findall(r"--force-recreate --no-deps (.*)", (DEPLOY / "compose/README.md").read_text())
        self.assertEqual(set(named.split()), mounted)

    def test_a_relay_is_back_before_an_alert_asks_where_it_is(self):
        [alert] = [rule for group in yaml.safe_load((REPOSITORY / "ops/alerts.yaml").read_text())["groups"]
                   for rule in group["rules"] if rule.get("alert") == "PartySocketsMachineGone"]
        for relay in self.relays.values():
            self.assertNotIn("DRAIN_DELAY_SECONDS", relay["environment"])
            self.assertGreater(seconds(alert["for"]), seconds(relay["stop_grace_period"]) + 30)

    def test_the_edge_believes_the_network_of_the_services_alone(self):
        [inside] = self.networks["inside"]["ipam"]["config"]
        believed = [line for file in ["edge/container.conf", "compose/proxies.conf"]
                    for line in re.findall(r"(?m)^\s*set_real_ip_from +(\S+);", (DEPLOY / file).read_text())]
        self.assertEqual(believed, [inside["subnet"]])
        for relay in self.relays.values():
            address = ipaddress.ip_address(relay["networks"]["inside"]["ipv4_address"])
            self.assertIn(address, ipaddress.ip_network(inside["subnet"]))

    def test_prometheus_finds_every_relay_that_runs(self):
        [job] = self.prometheus()["scrape_configs"]
        [found] = job["dns_sd_configs"]
        for relay in self.relays.values():
            self.assertEqual(relay["environment"]["METRICS_PORT"], str(found["port"]))
            self.assertLessEqual(set(found["names"]), set(relay["networks"]["inside"]["aliases"]))

    def test_prometheus_takes_its_configuration_with_the_alerts_beside_it(self):
        mounted = {volume["target"]: pathlib.Path(volume["source"])
                   for volume in self.services["prometheus"]["volumes"] if volume["type"] == "bind"}
        with tempfile.TemporaryDirectory() as folder:
            for target, source in mounted.items():
                self.assertEqual(pathlib.PurePath(target).parent, pathlib.PurePath("/etc/prometheus"))
                shutil.copy(source, pathlib.Path(folder) / pathlib.PurePath(target).name)
            checked = subprocess.run(
                ["promtool", "check", "config", f"{folder}/prometheus.yml"], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        rules = yaml.safe_load((REPOSITORY / "ops/alerts.yaml").read_text())["groups"]
        self.assertIn(f"{sum(len(group['rules']) for group in rules)} rules found", checked.stdout)

    def prometheus(self):
        return yaml.safe_load((DEPLOY / "compose/prometheus.yml").read_text())

    def test_the_files_that_are_mounted_are_there_and_the_edge_has_all_that_it_includes(self):
        for name, service in self.services.items():
            sources = [volume["source"] for volume in service["volumes"] if volume["type"] == "bind"]
            self.assertEqual([source for source in sources if not pathlib.Path(source).is_file()], [], name)
        folder = {pathlib.PurePath(volume["target"]).name for volume in self.services["edge"]["volumes"]}
        included = re.findall(r"(?m)^\s*include (\S+);", (DEPLOY / "edge/container.conf").read_text())
        self.assertLessEqual({"container.conf", *included}, folder)

    def test_no_service_can_do_more_than_it_must(self):
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertIs(service["read_only"], True)
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
        for relay in self.relays.values():
            self.assertNotIn("cap_add", relay)
            self.assertGreaterEqual(int(relay["mem_limit"]), (96 + 64) << 20)
            self.assertGreater(relay["ulimits"]["nofile"], default("MAX_CONNECTIONS"))

    def test_the_relay_knows_every_variable(self):
        for relay in self.relays.values():
            self.assertEqual(set(relay["environment"]) - set(settings()), set())

    def test_the_text_has_every_variable_that_may_be_set(self):
        text = (DEPLOY / "compose/README.md").read_text()
        told = {name for row in re.findall(r"(?m)^\| (`[A-Z].*?) \|", text) for name in re.findall(r"`([A-Z_]+)`", row)}
        asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
        self.assertEqual(told - {"COMPOSE_PROFILES"}, asked)

    def test_no_secret_is_written_down(self):
        self.assertEqual({relay["environment"]["CLUSTER_SECRET"] for relay in self.relays.values()}, {""})
        ignored = (REPOSITORY / ".gitignore").read_text().splitlines()
        self.assertIn(".env", ignored)

    def test_the_secret_that_the_text_makes_is_for_its_owner_alone(self):
        blocks = re.findall(r"```sh\n(.*?)```", (DEPLOY / "compose/README.md").read_text(), re.DOTALL)
        [commands] = [block for block in blocks if "CLUSTER_SECRET=" in block]
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run(["bash", "-c", f"set -e; umask 022; docker() {{ :; }}\n{commands}"], cwd=folder)
            self.assertEqual(result.returncode, 0)
            file = pathlib.Path(folder) / ".env"
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            self.assertRegex(file.read_text(), r"\nCLUSTER_SECRET=[0-9a-f]{64}\n")


def seconds(duration):
    minutes, rest = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", duration).groups()
    return 60 * int(minutes or 0) + int(rest or 0)
