"""README.md's commands, done as they are written, where systemctl and the like only note that they were called."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from sandbox import MS_BIND, enter_private_mounts, mount
from dockerfile import Image
from server import HERE, program, tuned_nginx_conf
from support import RELAY
from unit import Unit

NAME = "play.example.org"
# What is not to be done for a check. The real sudo would ask for a password.
STUBS = ["apt-get", "certbot", "docker", "git", "nginx", "scp", "ssh", "systemctl"]
# The folders that the commands change, beside that of programs.
WRITTEN = ["/etc/systemd/system", "/etc/caddy", "/etc/nginx"]
SETTINGS = "/etc/party-sockets.env"


def blocks(section):
    """The commands of a section, as one script."""
    text = (HERE / "README.md").read_text()
    [body] = re.findall(rf"\n## {section}\n(.*?)(?=\n## |\Z)", text, re.DOTALL)
    return "".join(re.findall(r"```sh\n(.*?)```", body, re.DOTALL))


class Nginx(unittest.TestCase):
    def test_debians_configuration_is_changed_once_however_often_the_command_is_run(self):
        once = tuned_nginx_conf()
        self.assertEqual(re.findall(r"^\s*(worker_(?:connections|rlimit_nofile) .*)", once, re.MULTILINE),
                         ["worker_rlimit_nofile 32768;", "worker_connections 16384;"])
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(once)
            file.flush()
            self.assertEqual(tuned_nginx_conf(file.name), once)

    def test_the_players_that_it_is_said_to_allow_are_a_third_of_its_connections(self):
        one, edge = [(HERE.parent / name / "README.md").read_text() for name in ["vps", "edge"]]
        [(connections, usual)] = re.findall(r"Debian's (\d+) for each process are (\d+) players", one)
        tuned = [players for page in [one, edge] for players in re.findall(r"(?i)these numbers\s+allow ([\d,]+)", page)]
        self.assertEqual(len(tuned), 2)
        [allowed] = re.findall(r"worker_connections (\d+);", tuned_nginx_conf())
        for players, most in [(usual, connections), *((each, allowed) for each in tuned)]:
            self.assertAlmostEqual(int(players.replace(",", "")), int(most) / 3, delta=int(most) / 100)


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.calls = self.folder / "calls"
        self.calls.touch()
        self.script("bin/sudo", 'exec "$@"')
        for name in STUBS:
            self.script(f"bin/{name}", f'echo "{name} $*" >>{self.calls}')
        # A clone in which all is built.
        for name in ["ops/setup", "deploy/build-relay"]:
            self.script(f"clone/{name}", f'echo "{name}" >>{self.calls}')
        (self.folder / "clone/deploy/vps").symlink_to(HERE)
        (self.folder / "clone/.build/release").mkdir(parents=True)
        (self.folder / "clone/.build/release/party-sockets").symlink_to(RELAY)
        # What becomes of the system's folders.
        for place in WRITTEN:
            shutil.copytree(place, self.system(place), symlinks=True)
        self.system("/usr/local/bin").mkdir(parents=True)

    def script(self, name, command):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{command}\n")
        path.chmod(0o755)

    def system(self, path):
        return self.folder / "system" / path.lstrip("/")

    def follow(self, *sections):
        def enter():
            enter_private_mounts()
            for place in [*WRITTEN, "/usr/local/bin"]:
                mount(self.system(place), place, MS_BIND)
        commands = f"set -e\nNAME={NAME}\n" + "".join(map(blocks, sections))
        commands = commands.replace(SETTINGS, str(self.system(SETTINGS)))
        result = subprocess.run(
            ["bash", "-c", commands], cwd=self.folder / "clone", capture_output=True, text=True, preexec_fn=enter,
            env={"HOME": str(self.folder), "PATH": f"{self.folder}/bin:/usr/bin:/usr/sbin:/bin:/sbin"})
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.calls.read_text().splitlines()

    def test_the_relay_is_where_the_unit_starts_it(self):
        for sections in [["The relay"], ["The relay", "Update"]]:
            calls = self.follow(*sections)
            installed = self.system(Unit().one("ExecStart"))
            self.assertEqual(installed.stat().st_mode & 0o777, 0o755)
            version = [subprocess.run([path, "--version"], capture_output=True).stdout for path in [installed, RELAY]]
            self.assertEqual(version[0], version[1])
            self.assertLess(installed.stat().st_size, os.stat(RELAY).st_size)
            unit = self.system("/etc/systemd/system/party-sockets.service")
            self.assertEqual(unit.read_text(), (HERE / "party-sockets.service").read_text())
            self.assertEqual(unit.stat().st_mode & 0o777, 0o644)
            # What goes to another machine.
            copy = self.folder / "party-sockets"
            self.assertEqual(copy.read_bytes(), installed.read_bytes())
            copied = re.findall(r"docker cp \S+:(\S+) ", "\n".join(calls))
            self.assertEqual(set(copied), {Image().entrypoint[0]})
        for call in ["ops/setup", "deploy/build-relay", "systemctl enable --now party-sockets"]:
            self.assertIn(call, calls)
        self.assertEqual(calls[-1], "systemctl restart party-sockets")

    def test_an_update_brings_the_unit(self):
        unit = self.system("/etc/systemd/system/party-sockets.service")
        unit.write_text("of an earlier version")
        calls = self.follow("Update")
        self.assertEqual(unit.read_text(), (HERE / "party-sockets.service").read_text())
        self.assertEqual(calls[-2:], ["systemctl daemon-reload", "systemctl restart party-sockets"])

    def test_settings_are_for_root_alone_and_stay_when_the_command_is_run_again(self):
        self.follow("Settings")
        settings = self.system(SETTINGS)
        self.assertEqual((settings.stat().st_mode & 0o777, settings.read_text()), (0o600, ""))
        settings.write_text("PORT=1\n")
        self.follow("Settings")
        self.assertEqual(settings.read_text(), "PORT=1\n")

    def test_systemd_waits_longer_than_a_longer_drain(self):
        calls = self.follow("Settings")
        dropin = Unit(self.system("/etc/systemd/system/party-sockets.service.d/drain.conf").read_text())
        self.assertEqual((list(dropin.environment()), list(dropin.settings)), (
            ["DRAIN_SECONDS"], [("Service", "Environment"), ("Service", "TimeoutStopSec")]))
        bounds = int(dropin.environment()["DRAIN_SECONDS"]), int(dropin.one("TimeoutStopSec"))
        self.assertGreaterEqual(bounds[1], bounds[0] + 8)
        self.assertGreater(bounds[1], int(Unit().one("TimeoutStopSec")))
        self.assertEqual(calls[-2:], ["systemctl daemon-reload", "systemctl restart party-sockets"])

    def test_caddy_serves_the_servers_name(self):
        calls = self.follow("Caddy")
        self.assertEqual(calls[-1], "systemctl restart caddy")
        adapted = subprocess.run(
            [program("caddy"), "adapt", "--config", self.system("/etc/caddy/Caddyfile"), "--adapter", "caddyfile"],
            check=True, capture_output=True, text=True)
        self.assertEqual(re.findall(r'"host":(\S+?]|)', adapted.stdout)[:1], [f'["{NAME}"]'])
        self.assertEqual(adapted.stderr.count('"warn"'), 0, adapted.stderr)

    def test_nginx_serves_the_servers_name_beside_what_it_serves_already(self):
        calls = self.follow("Or nginx")
        self.assertEqual(calls[-2:], ["nginx -t", "systemctl restart nginx"])
        site = self.system("/etc/nginx/sites-available/party-sockets").read_text()
        self.assertEqual(set(re.findall(r"server_name (\S+);", site)), {NAME})
        self.assertEqual(site.count("relay.example.com"), 0)
        enabled = self.system("/etc/nginx/sites-enabled/party-sockets")
        self.assertEqual(enabled.resolve(), self.system("/etc/nginx/sites-available/party-sockets"))
        self.assertEqual(self.system("/etc/nginx/nginx.conf").read_text(), tuned_nginx_conf())
