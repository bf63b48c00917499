"""A cluster of relays with its DNS servers and its edges, from the first part to the last."""

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request

from control import Control
from name_server import is_name_server
from parts import EDGE, EDGES_DNS, MACHINES_DNS, Machine, Ports, dnsmasq_conf, fleet, nginx_conf
from processes import STOP_DEADLINE, Failure, Part, Signals, program, say

# Seconds until a part answers.
START_DEADLINE = 30
# Machines that start at the same time. More would take longer together, and what else runs here would stand still.
BATCH = 2 * (os.cpu_count() or 1)


class Cluster:
    """All parts, from the first to the last."""

    def __init__(self, regions, machines_per_region, program, state):
        self.program = program
        self.state = state
        self.parts = []
        # The names of all parts so far. One that is started again goes on with its log.
        self.started = set()
        self.machines = [
            Machine(region, f"127.0.{row}.{column}")
            for row, region in enumerate(regions, start=1) for column in range(1, machines_per_region + 1)]
        # Known to the machines alone.
        self.secret = secrets.token_hex(32)
        self.relays = {}
        self.replaced = 0
        try:
            self.ports = Ports([machine.address for machine in self.machines], len(regions))
        except OSError as error:
            raise Failure(f"cannot listen: {error.strerror}") from None
        self.edges = {region: f"http://127.0.0.1:{port}" for region, port in zip(regions, self.ports.edges)}

    def start(self):
        self.write("edges", "".join(f"{region} {url}\n" for region, url in self.edges.items()))
        self.write_configuration()
        self.write_fleet()
        self.write_names()
        self.dns = self.run_dns("dns", MACHINES_DNS)
        self.edges_dns = self.run_dns("edge-dns", EDGES_DNS)
        for start in range(0, len(self.machines), BATCH):
            batch = self.machines[start:start + BATCH]
            for machine in batch:
                self.run_machine(machine)
            for machine in batch:
                self.wait_until_healthy(self.relays[machine], f"http://{machine.address}:{self.ports.relay}")
        self.watch = self.run("watch", self.watch_command())
        self.run_edge()
        self.write_processes()
        self.control = Control(self.state / "control", {
            "start": self.start_again, "start-new": self.start_new, "restart-edge": self.restart_edge})

    @property
    def names(self):
        """The directory with what follows from the list of machines, and from what the watch knows of them."""
        return self.state / "names"

    def write_configuration(self):
        for name, address in [("dns", MACHINES_DNS), ("edge-dns", EDGES_DNS)]:
            self.write(f"{name}.conf", dnsmasq_conf(self.ports, self.names, address))
        self.write("nginx.conf", nginx_conf(self.edges, self.ports))
        link = self.state / "edge-machines.conf"
        link.unlink(missing_ok=True)
        link.symlink_to(self.names / link.name)

    def write_fleet(self):
        # As a whole: the watch may read it at any time.
        self.write("fleet.new", fleet(self.machines, self.ports))
        os.replace(self.state / "fleet.new", self.state / "fleet")

    def write_names(self):
        """The names of all machines, as if all were well."""
        (self.names / "hosts" / "machines").unlink(missing_ok=True)
        outcome = subprocess.run([*self.watch_command(), "--once"], capture_output=True, text=True)
        if outcome.returncode != 0:
            raise Failure(f"no names for the machines: {outcome.stderr}")

    def watch_command(self):
        return [sys.executable, str(EDGE / "watch.py"), str(self.state / "fleet"), str(self.names)]

    def write_processes(self):
        self.write("machines", "".join(self.line(machine) + "\n" for machine in self.machines))
        self.write("pids", f"dns {self.dns.pid}\nedge-dns {self.edges_dns.pid}\nwatch {self.watch.pid}\nedge {self.edge.pid}\n")

    def line(self, machine):
        return f"{machine.id} {machine.region} {machine.address}:{self.ports.relay} {self.relays[machine].pid}"

    def run_dns(self, name, address):
        part = self.run(name, [
            program("dnsmasq"), "--keep-in-foreground", f"--conf-file={self.state}/{name}.conf", "--pid-file=",
            "--user=", "--group="])
        # A machine whose first question is refused knows no siblings for a second.
        self.wait_until(lambda: is_name_server(address, self.ports.dns), part, f"{address}:{self.ports.dns}")
        return part

    def run_machine(self, machine):
        self.relays[machine] = self.run(
            f"machine-{machine.region}-{machine.id}", env=machine.environment(self.ports, self.secret), **self.program)

    def run_edge(self):
        # Its workers outlive a master that is killed, not one that is asked to end.
        self.edge = self.run(
            "edge", [
                program("nginx"), "-p", f"{self.state}/", "-c", f"{self.state}/nginx.conf", "-e", "stderr",
            ], dies_by=signal.SIGTERM)
        # An edge that answers has found a machine by its name.
        for url in self.edges.values():
            self.wait_until_healthy(self.edge, url)

    # --- What may be asked for while it runs ---

    def start_again(self, name):
        """Starts a machine that has ended, as it was; returns its line in `machines`."""
        machine = self.ended_machine(name)
        self.discard(self.relays[machine])
        self.run_machine(machine)
        self.write_processes()
        return self.line(machine)

    def start_new(self, name):
        """Starts another machine in the place of one that has ended: with an id, an address and names of its own."""
        old = self.ended_machine(name)
        self.discard(self.relays.pop(old))
        new = Machine(old.region, self.another_address(old.address))
        self.machines[self.machines.index(old)] = new
        self.run_machine(new)
        self.write_fleet()
        self.wait_until_named(new)
        self.write_processes()
        self.discard(self.dns)
        self.dns = self.run_dns("dns", MACHINES_DNS)
        # With the new machine's address in its list. Connections stay with the old workers.
        os.kill(self.edge.pid, signal.SIGHUP)
        self.write_processes()
        return self.line(new)

    def wait_until_named(self, machine):
        deadline = time.monotonic() + START_DEADLINE
        while machine.id not in (self.names / "hosts" / "machines").read_text():
            if time.monotonic() > deadline:
                raise Failure(f"nobody has given {machine.id} a name: {self.watch.story()}")
            Signals.pause(0.02)

    def another_address(self, old):
        """One that no machine has had."""
        self.replaced += 1
        row = old.split(".")[2]
        return f"127.{self.replaced // 254 + 1}.{row}.{self.replaced % 254 + 1}"

    def restart_edge(self):
        """Ends the edges, and with them all connections through them, and starts them again."""
        self.discard(self.edge)
        self.run_edge()
        self.write_processes()
        return f"edge {self.edge.pid}"

    def ended_machine(self, name):
        for machine in self.machines:
            if machine.id == name:
                if self.relays[machine].end() is None:
                    raise Failure(f"{name} runs")
                return machine
        raise Failure(f"no machine is called {name}")

    def discard(self, part):
        """Ends a part for good."""
        part.signal(signal.SIGTERM)
        part.stop(time.monotonic() + STOP_DEADLINE)
        self.parts.remove(part)

    def write(self, name, text):
        (self.state / name).write_text(text)

    def run(self, name, command, **options):
        log = self.state / f"{name}.log"
        if name not in self.started:
            log.unlink(missing_ok=True)
            self.started.add(name)
        part = Part(name, log, command, **options)
        self.parts.append(part)
        return part

    def wait_until_healthy(self, part, url):
        self.wait_until(lambda: is_healthy(url), part, f"{url}/health")

    def wait_until(self, answers, part, place):
        deadline = time.monotonic() + START_DEADLINE
        while not answers():
            for ended in [each for each in self.parts if not each.is_reported and each.end() is not None]:
                raise Failure(f"did not start: {ended.story()}")
            if time.monotonic() > deadline:
                raise Failure(f"no answer from {place}: {part.story()}")
            Signals.pause(0.02)

    def check(self):
        """A machine or the DNS server that somebody ends on purpose is reported once. A crash ends the cluster, and
        so does the end of the edges. Then does what has been asked for."""
        for part in [each for each in self.parts if not each.is_reported and each.end() is not None]:
            part.is_reported = True
            by_hand = part.end() in [0, -signal.SIGINT, -signal.SIGKILL, -signal.SIGTERM]
            if part is self.edge or not by_hand:
                raise Failure(f"died: {part.story()}")
            say(f"ended: {part.name} ({part.fate()}); the others go on")
        self.control.answer()

    def stop(self):
        # The edges first: without players, a relay ends at once.
        for part in reversed(self.parts):
            part.signal(signal.SIGTERM)
            if part.name == "edge":
                part.stop(time.monotonic() + STOP_DEADLINE)
        deadline = time.monotonic() + STOP_DEADLINE
        for part in self.parts:
            if part.name != "edge":
                part.stop(deadline)

    def describe(self):
        regions = list(self.edges)
        say(f"url      {self.edges[regions[0]]} (region {regions[0]})")
        for region in regions[1:]:
            say(f"url      {self.edges[region]} (region {region})")
        for machine in self.machines:
            say(f"machine  {machine.id} {machine.region} {machine.address}:{self.ports.relay}")
        say(f"dns      127.0.0.1:{self.ports.dns}")
        say(f"logs     {self.state} (process ids: machines, pids)")

    def environment(self):
        return os.environ | {
            "LIVE_URL": next(iter(self.edges.values())),
            "LIVE_EDGES": ",".join(f"{region}={url}" for region, url in self.edges.items()),
            "LIVE_MACHINES": ",".join(f"{machine.id}:{machine.region}" for machine in self.machines),
            "CLUSTER_DIR": str(self.state)}


def is_healthy(url):
    try:
        # Ignores a proxy that the environment may name.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{url}/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
