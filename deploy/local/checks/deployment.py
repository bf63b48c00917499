"""Relays, their names and their edge as Compose or Kubernetes would run them: real parts on loopback addresses."""

import os
import pathlib
import pwd
import random
import re
import signal
import sys
import tempfile
import time

from dns_reply import A, DNSReply
from support import HERE, RELAY, eventually, send

sys.path.append(str(HERE.parent))
from parts import MACHINES_DNS, Ports, dnsmasq_conf  # noqa: E402
from processes import Part, program  # noqa: E402


class Deployment:
    """What a platform's files describe, running. `settings` replace those of the relays' environment."""

    def __init__(self, platform, **settings):
        self.platform, self.settings = platform, settings
        self.around = tempfile.TemporaryDirectory(prefix="party-sockets-check.")
        self.state = pathlib.Path(self.around.name)
        self.addresses = {name: f"127.0.{row}.1" for row, name in enumerate(platform.ids, start=1)}
        self.ports = Ports(self.addresses.values(), edges=1)
        # The last of the block.
        self.admin = self.ports.relay + Ports.SIZE - 1
        self.parts, self.relays = [], {}
        # The parts whose end nobody wonders at.
        self.told_to_end = set()
        self.url = f"http://127.0.0.1:{self.ports.edges[0]}"

    def start(self):
        (self.state / "hosts").mkdir()
        # No list of Fly's kind.
        (self.state / "vms.conf").write_text("")
        (self.state / "dns.conf").write_text(dnsmasq_conf(self.ports, self.state, MACHINES_DNS))
        self.dns = self.run("dns", [
            program("dnsmasq"), "--keep-in-foreground", f"--conf-file={self.state}/dns.conf", "--pid-file=", "--user=",
            "--group="])
        self.expect(lambda: self.looked_up("nobody.invalid") is not None, "the DNS")
        self.start_relays(*self.platform.ids)
        for name, text in self.platform.edge_files.items():
            (self.state / name).write_text(self.on_loopback(name, text))
        self.edge = self.run("edge", [
            program("nginx"), "-c", f"{self.state}/container.conf", "-e", "stderr"], dies_by=signal.SIGTERM)
        self.expect(lambda: self.answers(self.url, "/health"), "the edge's answer")
        return self

    def start_caddy(self):
        """Runs Compose's Caddy in front of the edge; returns its host and port."""
        # Beside the edges' in the block.
        address = f"127.0.0.1:{self.ports.edges[0] + 1}"
        text = (HERE.parents[1] / "compose/Caddyfile").read_text()
        assert text.count(" edge:8080\n") == 1, text
        text = text.replace(" edge:8080\n", f" {self.url.removeprefix('http://')}\n")
        # On a server others have the port of its interface.
        (self.state / "Caddyfile").write_text(f"{{\n\tadmin off\n}}\n{text}")
        self.run("caddy", [
            program("caddy"), "run", "--config", f"{self.state}/Caddyfile", "--adapter", "caddyfile",
        ], env={"SITE_ADDRESS": f"http://{address}", "HOME": str(self.state)})
        self.expect(lambda: self.answers(f"http://{address}", "/health"), "Caddy's answer")
        return address

    def on_loopback(self, name, text):
        """A file of the edge's, with the ports and folders of this deployment."""
        root = f"user {pwd.getpwuid(0).pw_name};\n" if os.geteuid() == 0 else ""
        changes = {
            "container.conf": [
                (r"listen 8080;", f"listen 127.0.0.1:{self.ports.edges[0]};"),
                (r"set \$relay_port 3000;", f"set $relay_port {self.ports.relay};"),
                (r"/dev/stdout", f"{self.state}/requests.log"), (r"\bdaemon off;", f"{root}daemon off;")],
            # Here Caddy has this one.
            "proxies.conf": [
                (rf"set_real_ip_from {re.escape(network)};", "set_real_ip_from 127.0.0.1;")
                for network in self.platform.proxies],
            "resolver.conf": [(r"(?m)^resolver \S+", f"resolver {MACHINES_DNS}:{self.ports.dns}")],
            "edge-machines.conf": [
                (rf'"{re.escape(address)}:3000"', f'"{self.addresses[relay]}:{self.ports.relay}"')
                for relay, address in self.platform.fixed_addresses.items()],
        }
        text = text.replace(" /tmp/", f" {self.state}/")
        for pattern, replacement in changes.get(name, []):
            text, count = re.subn(pattern, replacement, text)
            assert count == 1, (name, pattern)
        return text

    def start_relays(self, *names):
        ready = list(self.relays)
        for name in names:
            self.relays[name] = self.run(name, [RELAY], env=self.environment(name))
        self.publish(ready)
        for name in names:
            self.expect(lambda: self.is_ready(name), f"{name}, ready")
        self.publish(ready=self.relays)
        for name in self.relays:
            self.expect(lambda: self.siblings_of(name) == len(self.relays) - 1, f"what {name} knows of the others")

    def environment(self, name):
        environment = dict(self.platform.environment(name))
        if "ROOMS_FILE" in environment:
            # The volume.
            environment["ROOMS_FILE"] = str(self.state / pathlib.PurePath(environment["ROOMS_FILE"]).name) + ".rooms"
        return environment | self.settings | {
            "HOST": self.addresses[name], "PORT": str(self.ports.relay), "METRICS_PORT": str(self.admin),
            "DNS_SERVERS": f"{MACHINES_DNS}:{self.ports.dns}", "RELAY_THREADS": "1"}

    def siblings_of(self, name):
        """The number of siblings that a relay knows of, after it has searched for a room. Who did not listen when asked
        is asked again after a second."""
        code = "1" + "".join(random.choices("abcdef", k=5))
        send(self.private_url(name), f"/room/{code}", [("X-Forwarded-For", "192.0.2.1")])
        metrics = send(self.private_url(name, "METRICS_PORT"), "/metrics").body.decode()
        return int(re.search(r"(?m)^party_sockets_siblings\{.*\} (\d+)$", metrics)[1])

    def is_ready(self, name):
        variable, path = self.platform.is_ready_at()
        return self.answers(self.private_url(name, variable), path)

    def private_url(self, name, variable="PORT"):
        port = {"PORT": self.ports.relay, "METRICS_PORT": self.admin}[variable]
        return f"http://{self.addresses[name]}:{port}"

    def drain(self, *names):
        """Ends relays as the platform does, for which they are not ready any more from that moment on."""
        self.publish(ready=[each for each in self.relays if each not in names])
        # The names change at once here, and the edge keeps them for a second.
        time.sleep(min(self.platform.pause, 2))
        for name in names:
            self.told_to_end.add(self.relays[name])
            self.relays[name].signal(signal.SIGTERM)

    def wait_for_end_of(self, name):
        relay = self.relays.pop(name)
        self.expect(lambda: relay.end() is not None, f"the end of {name}")
        self.parts.remove(relay)
        relay.stop(time.monotonic())
        self.publish(ready=self.relays)
        return relay.process.returncode

    def publish(self, ready):
        """Has the DNS know which relays run, and which of them are ready."""
        names = self.platform.names(self.relays, ready)
        lines = [
            f"{self.addresses[relay]} {name}\n" for name, members in names.items() for relay in members]
        # The DNS notices that it changes, and must not read half of it.
        (self.state / "hosts.new").write_text("".join(lines))
        (self.state / "hosts.new").replace(self.state / "hosts/relays")
        for name, members in names.items():
            expected = {self.addresses[relay] for relay in members}
            self.expect(lambda: self.looked_up(name) == expected, f"{name} in the DNS")

    def looked_up(self, name, kind=A):
        try:
            return set(DNSReply(name, kind, self.ports.dns, over_tcp=False).values)
        except OSError:
            return None

    @staticmethod
    def answers(url, path):
        try:
            return send(url, path).status == 200
        except OSError:
            return False

    def requests(self):
        """The edge's lines: of each request that has ended, the machines that it went to and their answers."""
        return (self.state / "requests.log").read_text().splitlines()

    def run(self, name, command, **options):
        part = Part(name, self.state / f"{name}.log", command, **options)
        self.parts.append(part)
        return part

    def expect(self, condition, what):
        if not eventually(lambda: condition() or self.has_lost_a_part()) or not condition():
            raise AssertionError(f"{what} did not come\n" + "\n".join(part.story() for part in self.parts))

    def has_lost_a_part(self):
        return any(part.end() is not None for part in self.parts if part not in self.told_to_end)

    def end(self):
        for part in reversed(self.parts):
            part.signal(signal.SIGTERM if part is getattr(self, "edge", None) else signal.SIGKILL)
            part.stop(time.monotonic() + 3)
        self.around.cleanup()
