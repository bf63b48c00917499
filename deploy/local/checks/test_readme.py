"""Checks that the configurations shown in the README work."""

import os
import pathlib
import pwd
import re
import socket
import subprocess
import tempfile
import unittest

from dns_reply import A, AAAA, NXDOMAIN, TXT, DNSReply
from parts import EDGE, Ports
from support import HERE, die_with_the_checks, eventually

README = (HERE.parent / "README.md").read_text()
CONFIGURATION = (HERE.parents[2] / "ops/CONFIGURATION.md").read_text()


class Edge(unittest.TestCase):
    def test_it_is_more_patient_with_a_silent_websocket_than_the_relay(self):
        settings = (EDGE / "server.conf").read_text()
        [idle] = re.findall(r"\n\| `IDLE_TIMEOUT_SECONDS` \| (\d+) ", CONFIGURATION)
        timeouts = re.findall(r"\nproxy_(?:read|send)_timeout +(\d+)s;", settings)
        self.assertEqual(len(timeouts), 2)
        for timeout in timeouts:
            self.assertGreaterEqual(int(timeout), 2 * int(idle))


class Readme(unittest.TestCase):
    def test_nginx_takes_the_configuration_for_use_elsewhere(self):
        [block] = re.findall(r"```nginx\n(.*?)```", README, re.DOTALL)
        with tempfile.TemporaryDirectory() as folder:
            for there, here in [("/etc/nginx/party-sockets", str(EDGE)), ("/var/log/nginx", folder),
                                ("listen 80", f"listen unix:{folder}/socket")]:
                block = block.replace(there, here)
            folders = "".join(f"{name}_temp_path {folder}/{name};" for name in
                              ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
            configuration = pathlib.Path(folder) / "nginx.conf"
            configuration.write_text(f"pid {folder}/pid; events {{}} http {{ {folders}\n{block} }}")
            nginx = subprocess.run(
                ["nginx", "-t", "-c", configuration, "-e", "stderr"], capture_output=True, text=True,
                env={"PATH": "/usr/bin:/usr/sbin:/sbin"})
            self.assertEqual((nginx.returncode, "warn" in nginx.stderr), (0, False), nginx.stderr)

    def test_dnsmasq_answers_what_machines_ask_and_asks_nobody(self):
        [records] = re.findall(r"```\n(txt-record=.*?)```", README, re.DOTALL)
        addresses = "".join(re.findall(r"```\n(10\..*?)```", README, re.DOTALL))
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
            outside.bind(("127.0.0.1", 0))
            ports = Ports([], edges=0)
            (pathlib.Path(folder) / "hosts").write_text(addresses)
            configuration = pathlib.Path(folder) / "dnsmasq.conf"
            configuration.write_text(
                records.replace("/etc/party-sockets.hosts", f"{folder}/hosts")
                + f"port={ports.dns}\nlisten-address=127.0.0.1\nbind-interfaces\nno-hosts\nno-resolv\n"
                + f"server=127.0.0.1#{outside.getsockname()[1]}\n")
            self.start_dnsmasq(configuration, ports.dns)
            for name, kind, expected in [
                    ("vms", TXT, (0, [[b"ams-1 ams,ams-2 ams,nrt-1 nrt"]])), ("ams-2.vm", A, (0, ["10.0.1.2"])),
                    ("ams-2.siblings", A, (0, ["10.0.1.1"])), ("ams.elsewhere", A, (0, ["10.0.3.1"])),
                    ("ams-2.vm", AAAA, (0, [])), ("nosuch.vm", A, (NXDOMAIN, []))]:
                with self.subTest(f"{name} {kind}"):
                    reply = DNSReply(f"{name}.party-sockets.internal", kind, ports.dns, over_tcp=False)
                    self.assertEqual((reply.code, reply.values), expected)
                    self.assertLessEqual(reply.ttl, 5)
            outside.setblocking(False)
            with self.assertRaises(BlockingIOError):
                outside.recv(512)

    def start_dnsmasq(self, configuration, port):
        dnsmasq = subprocess.Popen(
            ["dnsmasq", "--keep-in-foreground", f"--conf-file={configuration}", "--pid-file=",
             f"--user={pwd.getpwuid(os.getuid()).pw_name}"],
            env={"PATH": "/usr/bin:/usr/sbin:/sbin"}, stderr=subprocess.DEVNULL, preexec_fn=die_with_the_checks)
        self.addCleanup(dnsmasq.wait)
        self.addCleanup(dnsmasq.kill)

        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        self.assertTrue(eventually(listens))
