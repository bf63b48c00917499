"""The dashboard as Grafana reads it, as far as its expressions go."""

import json
import re

from server import OPS

DASHBOARD = json.loads((OPS / "grafana-dashboard.json").read_text())
SELECTOR = re.compile(r"\b((?:party_sockets|process)_\w+)(\{[^}]*\})?")


def panels():
    """The panels with data, each with its row."""
    row = None
    for panel in DASHBOARD["panels"]:
        if panel["type"] == "row":
            row = panel
        else:
            yield row, panel


def expressions():
    """Row, panel and target of each."""
    for row, panel in panels():
        for target in panel["targets"]:
            yield row, panel, target


def variables():
    return {each["name"]: each for each in DASHBOARD["templating"]["list"]}


def metrics_in(expression):
    return {name for name, _ in SELECTOR.findall(expression)}


def selectors_in(expression):
    return {name + matchers for name, matchers in SELECTOR.findall(expression)}


def legend_labels(target):
    return re.findall(r"{{(\w+)}}", target["legendFormat"])


class Choice:
    """The values of the variables while All is chosen, as Grafana would query and write them."""

    def __init__(self, prometheus):
        self.prometheus = prometheus
        # The value of All, without the brackets that Grafana puts around more than one.
        self.options, self.values = {}, {}
        for name, variable in variables().items():
            if variable["type"] == "query":
                selector, label = re.fullmatch(
                    r"label_values\((.*), (\w+)\)", self.fill(variable["query"]["query"])).groups()
                self.options[name] = prometheus.label_values(selector, label)
                self.values[name] = variable.get("allValue") or one_of(self.options[name])

    def fill(self, expression, **chosen):
        """An expression with every variable in it replaced; `chosen` as in a repeated row."""
        values = self.values | {name: one_of([value]) for name, value in chosen.items()}
        values |= {"__rate_interval": "20s", "__range": "5m"}

        def value(match):
            return values[match[1]]
        return re.sub(r"\$(\w+)", value, expression)


def one_of(options):
    """A value in a regular expression in a string."""
    escaped = [re.sub(r"([\\^$*+?.()|{}\[\]/])", r"\\\\\1", option) for option in options]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"
