"""The cluster under its load, and the three ways in which a Prometheus may name its machines."""

import re
import shutil
import tempfile
import time

from expected import View
from ledger import Ledger
from load import ENVIRONMENT, Load
from server import OPENER, Prometheus
from support import RunningCluster

# Long enough for the windows of the rates to be full.
SECONDS = 26


class Watched:
    """A Prometheus with its own names for the machines: region, instance and version as its queries give them."""

    def __init__(self, name, scrape_configs, folder, names):
        self.name = name
        self.names = names
        self.prometheus = Prometheus(name, scrape_configs, folder)

    def view(self, load, moment, region=None):
        return View(load, self.names, moment, region)


class Site:
    """Everything that runs, from start to end. When this is ready the load is over, and its results are scraped."""

    def __init__(self, add_cleanup):
        self.folder = tempfile.mkdtemp(prefix="party-sockets-prometheus.")
        add_cleanup(shutil.rmtree, self.folder)
        self.cluster = RunningCluster("--machines", "2", "--regions", "ams iad", **ENVIRONMENT)
        add_cleanup(self.cluster.leftovers)
        add_cleanup(self.cluster.end)
        self.cluster.wait_until_ready()
        self.load = Load(Ledger(), self.cluster.machines)
        self.load.gather()
        [version] = set(re.findall(r'version="([^"]*)"', self.page(self.load.a)))
        self.watched = []
        for watched in sites(self.load.machines, version, self.folder):
            add_cleanup(watched.prometheus.stop)
            self.watched.append(watched)
        for watched in self.watched:
            watched.prometheus.wait_until(watched.prometheus.is_ready, "an answer")
            # Rates need something to rise from.
            self.wait_for_scrapes(watched, 2)
        self.load.stop_reading(lambda: self.value(self.load.a, "party_sockets_queued_bytes") > 4 << 20)
        self.play()

    def play(self):
        """A load, and a moment after it that has its rates in full windows."""
        self.load.play(SECONDS)
        self.moment = self.settle()

    def page(self, machine):
        with OPENER.open(f"http://{machine.address}/metrics", timeout=30) as answer:
            return answer.read().decode()

    def value(self, machine, name):
        return float(re.search(rf"^{name}{{[^}}]*}} (.*)$", self.page(machine), re.M)[1])

    def wait_for_scrapes(self, watched, number):
        machines = len(self.load.machines)
        watched.prometheus.wait_until(
            lambda: len(watched.prometheus.query(f"count_over_time(party_sockets_rooms[1m]) >= {number}")) == machines,
            f"{number} scrapes")

    def settle(self):
        """A moment at which every Prometheus has scraped all events so far."""
        happened = time.time()
        self.wait_until_seen(happened)
        while True:
            moment = time.time()
            # Scrapes in progress at that moment have ended: one that takes too long leaves a gap.
            self.wait_until_seen(moment)
            if all(self.has_seen(watched, happened, moment) for watched in self.watched):
                return moment

    def wait_until_seen(self, happened):
        for watched in self.watched:
            watched.prometheus.wait_until(lambda: self.has_seen(watched, happened), "a scrape")

    def has_seen(self, watched, happened, moment=None):
        return watched.prometheus.has_seen(happened, len(self.load.machines), moment)


def sites(machines, version, folder):
    targets = ", ".join(f"'{machine.address}'" for machine in machines)
    names = {machine: {"region": machine.region.upper(), "instance": machine.id, "version": version}
             for machine in machines}
    # As in ops/README.md.
    yield Watched("honored", job(targets, "honor_labels: true"), folder, names)
    # As by default.
    yield Watched("plain", job(targets), folder, {
        machine: each | {"instance": machine.address} for machine, each in names.items()})
    # As on Fly, which replaces the relay's labels with its own.
    yield Watched("fly", "".join(
        job(f"'{machine.address}'", "honor_labels: false", name=f"fly-{machine.id}",
            labels=f"app: party-sockets, region: {machine.region}, instance: {machine.id}, host: abcd")
        for machine in machines), folder, {
            machine: each | {"region": machine.region} for machine, each in names.items()})


def job(targets, *options, name="party-sockets", labels=""):
    lines = [f"job_name: {name}", *options, f"static_configs: [{{targets: [{targets}], labels: {{{labels}}}}}]"]
    return "  - " + "\n    ".join(lines) + "\n"
