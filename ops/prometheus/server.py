"""A real Prometheus that watches a cluster, and its answers."""

import json
import math
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from processes import Part, program

OPS = pathlib.Path(__file__).resolve().parent.parent
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Prometheus:
    """Scrapes every second, with the alerts loaded. `targets` are the scrape jobs, as YAML."""

    def __init__(self, name, scrape_configs, folder):
        self.folder = pathlib.Path(folder) / f"prometheus-{name}"
        self.folder.mkdir()
        (self.folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            f"rule_files: ['{OPS}/alerts.yaml']\nscrape_configs:\n{scrape_configs}")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.part = Part(name, self.folder / "log", [
            program("prometheus"), f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/data", f"--web.listen-address=127.0.0.1:{port}"])

    def stop(self):
        self.part.stop(0)

    def ask(self, path, **parameters):
        query = urllib.parse.urlencode(parameters, doseq=True)
        try:
            with OPENER.open(f"{self.url}/api/v1/{path}?{query}", timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def query(self, expression, moment=None):
        """The series of an instant query: pairs of labels and value."""
        at = {} if moment is None else {"time": f"{moment:.3f}"}
        answer = self.ask("query", query=expression, **at)
        assert answer["resultType"] == "vector", (expression, answer["resultType"])
        return [(series["metric"], float(series["value"][1])) for series in answer["result"]]

    def label_values(self, selector, label):
        return sorted(self.ask(f"label/{label}/values", **{"match[]": selector}))

    def alerts(self):
        """Name and expression of each."""
        groups = self.ask("rules", type="alert")["groups"]
        return {rule["name"]: rule["query"] for group in groups for rule in group["rules"]}

    def is_ready(self):
        try:
            with OPENER.open(f"{self.url}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def has_seen(self, happened, machines, moment=None):
        """True if every machine has been scraped after `happened`, as of now or of a given moment."""
        seen = self.query("timestamp(party_sockets_rooms)", moment)
        return len(seen) == machines and all(value > happened for _, value in seen)

    def wait_until(self, condition, what):
        deadline = time.monotonic() + 60
        while not condition():
            if self.part.end() is not None or time.monotonic() > deadline:
                raise AssertionError(f"Prometheus: {what} did not come\n{self.part.story()}")
            time.sleep(0.1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def promtool(*arguments, given=None):
    """Its exit status and all of its output."""
    done = subprocess.run(
        [program("promtool"), *arguments], input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def is_number(value):
    return not math.isnan(value) and not math.isinf(value)
