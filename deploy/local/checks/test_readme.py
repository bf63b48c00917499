"""Checks that what the README for edges of one's own says works as it is written."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from dns_reply import A, AAAA, NXDOMAIN, TXT, DNSReply
from parts import EDGE, Ports
from processes import program
from support import HERE, die_with_the_checks, eventually

README = (EDGE / "README.md").read_text()
CONFIGURATION = (HERE.parents[2] / "ops/CONFIGURATION.md").read_text()
# What the commands of an edge are for, beside changing files.
STUBS = ["apt-get", "certbot", "git", "nginx", "systemctl"]


class Edge(unittest.TestCase):
    def test_it_is_more_patient_with_a_silent_websocket_than_the_relay(self):
        settings = (EDGE / "server.conf").read_text()
        [idle] = re.findall(r"\n\| `IDLE_TIMEOUT_SECONDS` \| (\d+) ", CONFIGURATION)
        timeouts = re.findall(r"\nproxy_(?:read|send)_timeout +(\d+)s;", settings)
        self.assertEqual(len(timeouts), 2)
        for timeout in timeouts:
            self.assertGreaterEqual(int(timeout), 2 * int(idle))


class Machines(unittest.TestCase):
    def test_a_machines_settings_are_settings_and_fit_the_list(self):
        [settings] = re.findall(r"party-sockets.env <<'END'\n(.*?)END\n", README, re.DOTALL)
        values = dict(line.split("=", 1) for line in settings.splitlines() if not line.startswith("#"))
        for name in values:
            self.assertRegex(CONFIGURATION, rf"\n\| `{name}`")
        [listed] = re.findall(r"fleet <<'END'\n(.*?)END\n", README, re.DOTALL)
        self.assertIn(f"{values['INSTANCE_ID']} {values['FLY_REGION']} {values['HOST']}:3000\n", listed)
        site = (EDGE / "site.conf").read_text()
        self.assertEqual(re.findall(r"set \$app +(\S+);", site), [values["FLY_APP_NAME"]])
        for address in re.findall(r"\| edge of `...` \| (\S+),", README):
            self.assertIn(address, values["DNS_SERVERS"].split(","))


    def test_metrics_are_where_a_machine_has_them(self):
        [host] = re.findall(r"\nHOST=(\S+)", README)
        [port] = re.findall(r"\nEnvironment=METRICS_PORT=(\d+)", (EDGE.parent / "vps/party-sockets.service").read_text())
        self.assertIn(f"`curl http://{host}:{port}/metrics`", README)
        [network] = re.findall(r"\n## The network\n(.*?)\n## ", README, re.DOTALL)
        self.assertIn(f" {port} ", network)


class Commands(unittest.TestCase):
    """The commands for an edge, done as they are written, but in a folder that stands for the whole system."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.system = pathlib.Path(folder.name)
        for name in ["bin", "etc/systemd/system", "var/lib", "var/log/nginx", "run"]:
            (self.system / name).mkdir(parents=True)
        shutil.copytree("/etc/nginx", self.system / "etc/nginx", symlinks=True)
        self.script("sudo", 'exec "$@"')
        for name in STUBS:
            self.script(name, f'echo "{name} $*" >>{self.system}/calls')
        self.follow(self.commands("The edges"))
        for path in ["etc/party-sockets/dnsmasq.conf", "etc/nginx/nginx.conf", "etc/nginx/sites-available/party-sockets"]:
            file = self.system / path
            file.write_text(self.moved(file.read_text()))

    def commands(self, section):
        [text] = re.findall(rf"\n## {section}\n(.*?)\n## ", README, re.DOTALL)
        return "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))

    def script(self, name, command):
        path = self.system / "bin" / name
        path.write_text(f"#!/bin/sh\n{command}\n")
        path.chmod(0o755)

    def moved(self, text):
        return re.sub(r"(?<![\w.}])/(etc|usr/local|var/lib|var/log|run)/", rf"{self.system}/\1/", text)

    def follow(self, commands):
        result = subprocess.run(
            ["bash", "-c", "set -e\n" + self.moved(commands)], cwd=HERE.parents[2], capture_output=True, text=True,
            env={"PATH": f"{self.system}/bin:/usr/bin:/bin"})
        self.assertEqual(result.returncode, 0, result.stderr)

    def unit(self, name):
        return (self.system / f"etc/systemd/system/party-sockets-{name}.service").read_text()

    def watch(self):
        """What the unit does before it starts the watch; the addresses here are nobody's."""
        [command] = re.findall(r"\nExecStartPre=(.*)", self.unit("watch"))
        result = subprocess.run(self.moved(command).split(), capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(f"\nExecStart={command.replace(' --once', '')}\n", self.unit("watch"))

    def test_a_machines_settings_are_for_root_alone(self):
        settings = self.system / "etc/party-sockets.env"
        for _ in range(2):
            self.follow(self.commands("The machines"))
            self.assertEqual(settings.stat().st_mode & 0o777, 0o600)
            self.assertIn("\nCLUSTER_SECRET=", settings.read_text())
            settings.chmod(0o644)

    def test_an_update_brings_the_files_that_the_edge_runs(self):
        paths = ["usr/local/lib/party-sockets/edge/watch.py", "usr/local/lib/party-sockets/edge/server.conf",
                 "etc/systemd/system/party-sockets-watch.service", "etc/systemd/system/party-sockets-dns.service"]
        new = [(self.system / path).read_text() for path in paths]
        for path in paths:
            (self.system / path).write_text("of an earlier version")
        self.follow(self.commands("Update").split("done\n")[1])
        self.assertEqual([(self.system / path).read_text() for path in paths], new)
        fleet = self.system / "etc/party-sockets/fleet"
        self.assertIn("ams-1 ams", fleet.read_text())

    def test_nginx_takes_the_configuration(self):
        self.watch()
        certificates = self.system / "etc/letsencrypt/live/ams.relay.example.com"
        certificates.mkdir(parents=True)
        subprocess.run(
            [program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
             "/CN=x", "-keyout", certificates / "privkey.pem", "-out", certificates / "fullchain.pem"],
            check=True, capture_output=True)
        # Ports that nobody else has; another site may have been enabled already.
        site = self.system / "etc/nginx/sites-available/party-sockets"
        site.write_text(re.sub(r"listen (\[::\]:)?(\d+)", rf"listen unix:{self.system}/socket-\2\1".replace("[::]:", ""),
                               re.sub(r"    listen \[::\].*\n", "", site.read_text())))
        for other in (self.system / "etc/nginx/sites-enabled").iterdir():
            if other.name != site.name:
                other.unlink()
        nginx = subprocess.run(
            [program("nginx"), "-t", "-c", self.system / "etc/nginx/nginx.conf", "-e", "stderr"], capture_output=True, text=True)
        warnings = [line for line in nginx.stderr.splitlines() if "[warn]" in line and '"user" directive' not in line]
        self.assertEqual((nginx.returncode, warnings), (0, []), nginx.stderr)
        self.assertEqual((self.system / "etc/nginx/edge-machines.conf").read_text().count("region=ams"), 2)
        self.assertEqual(re.findall(r"(?m)^\s*(worker_(?:connections|rlimit_nofile) .*)",
                                    (self.system / "etc/nginx/nginx.conf").read_text()),
                         ["worker_rlimit_nofile 32768;", "worker_connections 16384;"])
        self.assertEqual((self.system / "calls").read_text().splitlines()[-2:], ["nginx -t", "systemctl restart nginx"])

    def test_dnsmasq_answers_what_machines_and_edges_ask(self):
        self.watch()
        ports = Ports([], edges=0)
        configuration = self.system / "etc/party-sockets/dnsmasq.conf"
        configuration.write_text(
            configuration.read_text().replace("listen-address=10.0.1.1\n", "listen-address=127.0.0.1\n")
            + f"port={ports.dns}\n")
        [command] = re.findall(r"\nExecStart=(.*)", self.unit("dns"))
        self.start(self.moved(command).split(), ports.dns)
        for name, kind, expected in [
                ("vms", TXT, (0, [[b"ams-1 ams,ams-2 ams,nrt-1 nrt,nrt-2 nrt"]])), ("ams-2.vm", A, (0, ["10.0.1.12"])),
                ("ams-2.siblings", A, (0, ["10.0.1.11"])), ("ams.elsewhere", A, (0, ["10.0.3.11", "10.0.3.12"])),
                ("ams", A, (0, ["10.0.1.11", "10.0.1.12"])), ("ams-2.vm", AAAA, (0, [])), ("nosuch.vm", A, (NXDOMAIN, []))]:
            with self.subTest(f"{name} {kind}"):
                reply = DNSReply(f"{name}.party-sockets.internal", kind, ports.dns, over_tcp=False)
                self.assertEqual((reply.code, sorted(reply.values)), expected)
                self.assertLessEqual(reply.ttl, 5)
        self.assertEqual(DNSReply("example.com", A, ports.dns, over_tcp=False).code, NXDOMAIN)

    def start(self, command, port):
        part = subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=die_with_the_checks)
        self.addCleanup(part.wait)
        self.addCleanup(part.kill)
        # It answers, or has ended.
        self.assertTrue(eventually(lambda: self.listens(port)))

    def listens(self, port):
        try:
            return DNSReply("vms.party-sockets.internal", TXT, port, over_tcp=True).code == 0
        except OSError:
            return False

    @unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd-analyze")
    def test_systemd_takes_the_units(self):
        for name, most in [("watch", 20), ("dns", 40)]:
            unit = self.system / f"etc/systemd/system/party-sockets-{name}.service"
            unit.write_text(self.moved(unit.read_text()))
            result = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
            said = [line for line in (result.stdout + result.stderr).splitlines() if "party-sockets" in line]
            self.assertEqual((result.returncode, said), (0, []), result.stderr)
            # Of 100; without any bounds it is 96.
            result = subprocess.run(
                ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", "--no-pager", unit],
                capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, result.stdout)
