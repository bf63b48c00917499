"""A real Prometheus on a cluster under a load of which every message is known."""

import os
import re
import signal
import subprocess
import unittest

from dashboard import Choice, expressions, legend_labels, metrics_in, selectors_in, variables
from expected import EXPECTED, MACHINE
from server import OPS, is_number, promtool
from watched import Site

# Metrics that are not on the dashboard, each with the reason.
LEFT_OUT = {
    # The sum of the connections by state, which are shown.
    "party_sockets_open_connections",
    # The table of origins shows the origins themselves.
    "party_sockets_origins_tracked",
    # The balance of the loops is looked at when one processor is busier than the others, by a query.
    "party_sockets_loop_rooms", "party_sockets_loop_connections",
    # The way of the writes to the kernel matters only to benchmarks; the log shows it too.
    "party_sockets_io_uring", "party_sockets_send_batches_total", "party_sockets_receive_batches_total",
    # As many as there are siblings, or fewer while nobody asks; the probes themselves are shown.
    "party_sockets_sibling_connections",
}


def setUpModule():
    global SITE
    SITE = Site(unittest.addModuleCleanup)


class Pages(unittest.TestCase):
    def test_promtool_finds_nothing_in_the_pages(self):
        for machine in SITE.load.machines:
            self.assertEqual(promtool("check", "metrics", given=SITE.page(machine)), (0, ""))

    def test_the_dashboard_and_the_alerts_name_metrics_that_exist_and_leave_none_out_unsaid(self):
        page = families(SITE.page(SITE.load.a))
        named = set().union(*(metrics_in(target["expr"]) for _, _, target in expressions()))
        alerting = set().union(*map(metrics_in, SITE.watched[0].prometheus.alerts().values()))
        self.assertEqual({family_of(name) for name in named | alerting} - page, set())
        self.assertEqual(page - {family_of(name) for name in named | alerting}, LEFT_OUT)

    def test_the_totals_are_those_of_the_load(self):
        for machine in SITE.load.machines:
            for name in ["messages_received", "deliveries", "joins", "rooms_created", "connections", "closes", "errors",
                         "limits", "bad_requests", "handshakes_refused", "idle_drops", "replays", "replay_fallbacks", "sibling_lookups",
                         "sibling_probes", "rooms_handed_over", "rooms_received", "rooms_restored", "rooms_expired",
                         "room_lookups_first_right", "unknown_answers"]:
                with self.subTest(f"{name} of {machine.id}"):
                    said = {label: value for label, value in samples(SITE.page(machine), f"party_sockets_{name}_total")}
                    happened = {
                        label: count for (at, label), count in SITE.load.ledger.totals(name).items() if at is machine}
                    self.assertEqual({label: value for label, value in said.items() if value > 0}, happened)

    def test_each_message_has_one_relay_time(self):
        for machine in SITE.load.machines:
            messages = sum(count for (at, _), count in SITE.load.ledger.totals("messages_received").items()
                           if at is machine)
            self.assertEqual(SITE.value(machine, "party_sockets_relay_seconds_count"), messages)


class Dashboard(unittest.TestCase):
    def test_the_variables_offer_all_regions_and_machines_and_an_app_where_there_is_one(self):
        for watched in SITE.watched:
            options = Choice(watched.prometheus).options
            for name, label in [("region", "region"), ("instance", "instance")]:
                self.assertEqual(options[name], sorted({each[label] for each in watched.names.values()}), watched.name)
            self.assertEqual(options["app"], ["party-sockets"] if watched.name == "fly" else [])

    # If a machine is held up, its scrapes and so its rates are uneven: then another load decides.
    LOADS = 3

    def test_every_expression_says_what_the_load_implies(self):
        for load in range(self.LOADS):
            if load > 0:
                SITE.play()
            answers = list(self.answers())
            faults = [f"{name}: {fault}\n    {expression}" for name, _, _, expected, expression, series in answers
                      for fault in expected.faults(series)]
            if not faults:
                break
            print(*faults, sep="\n")
        self.assertEqual(faults, [])
        for name, panel, target, expected, _, series in answers:
            self.assertLessEqual(set(legend_labels(target)), set(expected.labels), name)
            if name.startswith(SITE.watched[0].name):
                show(panel, target, series)

    def answers(self):
        """The expected and the actual value of each expression, for each Prometheus and each repetition of a row."""
        for watched in SITE.watched:
            choice = Choice(watched.prometheus)
            for row, panel, target in expressions():
                for chosen in choices(row, choice):
                    expression = choice.fill(target["expr"], **chosen)
                    view = watched.view(SITE.load, SITE.moment, **chosen)
                    expected = EXPECTED[panel["title"], target["legendFormat"] or target["refId"]](view)
                    name = f"{watched.name}: {panel['title']}, {target['legendFormat']} {chosen}"
                    yield name, panel, target, expected, expression, watched.prometheus.query(expression, SITE.moment)

    def test_nothing_else_is_expected(self):
        there = {(panel["title"], target["legendFormat"] or target["refId"]) for _, panel, target in expressions()}
        self.assertEqual(there, set(EXPECTED))

    def test_one_machine_can_be_chosen(self):
        for watched in SITE.watched:
            choice = Choice(watched.prometheus)
            name = watched.names[SITE.load.b]["instance"]
            for _, panel, target in expressions():
                with self.subTest(f"{watched.name}: {panel['title']}"):
                    expression = choice.fill(target["expr"], instance=name)
                    for metric, _ in watched.prometheus.query(expression, SITE.moment):
                        self.assertEqual(metric.get("instance", name), name)


class Alerts(unittest.TestCase):
    def test_every_selector_of_an_alert_finds_something(self):
        for watched in SITE.watched:
            for name, expression in watched.prometheus.alerts().items():
                for selector in selectors_in(expression):
                    with self.subTest(f"{watched.name}: {name}: {selector}"):
                        self.assertNotEqual(watched.prometheus.query(selector, SITE.moment), [])

    def test_what_an_alert_compares_is_a_number_where_there_is_load(self):
        for watched in SITE.watched:
            busy = watched.names[SITE.load.a]
            for name, expression in watched.prometheus.alerts().items():
                for side in sides(expression):
                    with self.subTest(f"{watched.name}: {name}: {side}"):
                        series = [(metric, value) for metric, value in watched.prometheus.query(side, SITE.moment)
                                  if all(metric[label] == busy[label] for label in MACHINE)]
                        self.assertNotEqual(series, [])
                        self.assertTrue(all(is_number(value) for _, value in series), series)
                        # One for each bound and each part.
                        parts = expression.count("label_replace(") or 1
                        self.assertEqual(len(series), parts)

    def test_none_goes_off_under_a_load_that_all_is_well_with(self):
        for watched in SITE.watched:
            for name, expression in watched.prometheus.alerts().items():
                # How fast messages are relayed is up to the machine that this runs on.
                if "_seconds_bucket" not in expression:
                    self.assertEqual(watched.prometheus.query(expression, SITE.moment), [], name)


class Runbook(unittest.TestCase):
    def test_its_commands_work(self):
        blocks = re.findall(r"```sh\n(.*?)```", (OPS / "RUNBOOK.md").read_text(), re.S)
        relay = f"http://{SITE.load.a.address}"
        commands = [block for block in blocks if not block.startswith("RELAY=")]
        self.assertGreater(len(commands), 5)
        for command in commands:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", command], env=os.environ | {"RELAY": relay, "METRICS": relay},
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.assertEqual(done.returncode, 0, command + done.stdout)
            self.assertNotEqual(done.stdout, "", command)


class TheEnd(unittest.TestCase):
    """Runs last, by its name, since it ends machines of the load."""

    def test_a_drain_is_seen(self):
        leaver = SITE.load.c
        SITE.load.drain(leaver)
        moment = SITE.settle()
        for watched in SITE.watched:
            choice = Choice(watched.prometheus)
            [draining] = [target["expr"] for _, panel, target in expressions() if panel["title"] == "Draining"]
            answer = {(metric["region"], metric["instance"]): value
                      for metric, value in watched.prometheus.query(choice.fill(draining), moment)}
            names = {machine: (each["region"], each["instance"]) for machine, each in watched.names.items()}
            self.assertEqual(answer, {name: float(machine is leaver) for machine, name in names.items()})
            stuck = watched.prometheus.alerts()["PartySocketsDrainStuck"]
            self.assertEqual(
                [(metric["region"], metric["instance"]) for metric, _ in watched.prometheus.query(stuck, moment)],
                [names[leaver]])
        self.assertEqual(dict(samples(SITE.page(leaver), "party_sockets_replays_total"))["elsewhere"], 1)

    def test_a_machine_that_is_killed_is_missed_if_it_had_rooms(self):
        # The second has none: it could as well have been stopped on purpose between two scrapes.
        for machine in [SITE.load.d, SITE.load.a]:
            os.kill(machine.pid, signal.SIGKILL)
        for watched in SITE.watched:
            gone = watched.prometheus.alerts()["PartySocketsMachineGone"]
            watched.prometheus.wait_until(lambda: watched.prometheus.query(gone), "the alert")
            self.assertEqual(
                [tuple(metric[label] for label in MACHINE) for metric, _ in watched.prometheus.query(gone)],
                [tuple(watched.names[SITE.load.a][label] for label in MACHINE)])


def show(panel, target, series):
    """The panel's values for the log, without empty ones."""
    for metric, value in series:
        if value != 0:
            name = re.sub(r"{{(\w+)}}", lambda match: metric[match[1]], target["legendFormat"])
            unit = panel["fieldConfig"]["defaults"]["unit"]
            print(f"    {panel['title']}: {name or ' '.join(metric.values())}: {value:.5g} {unit}")


def choices(row, choice):
    """A repeated row is there once for each option."""
    repeat = row.get("repeat")
    return [{repeat: option} for option in choice.options[repeat]] if repeat else [{}]


def families(page):
    return set(re.findall(r"^# TYPE (\S+)", page, re.M))


def family_of(name):
    return re.sub("_(bucket|count|sum)$", "", name) if "_seconds_" in name else name


def samples(page, name):
    """The value of the metric's own label, and the sample."""
    for labels, value in re.findall(rf"^{name}{{([^}}]*)}} (\S+)$", page, re.M):
        own = [value for label, value in re.findall(r'(\w+)="([^"]*)"', labels)
               if label not in ["instance", "region", "version"]]
        yield (own[0] if own else ""), float(value)


def sides(expression):
    """The left side of an alert's comparison, which has a value even when all is well."""
    together = expression.lstrip().startswith("(")
    parts = [expression] if together else re.split(r"\s+(?:and|unless)(?:\s+on\s*\([^)]*\))?\s+", expression)
    for part in parts:
        comparison = re.fullmatch(r"(.*?)\s*(?:==|>=|>)\s*[\d.]+[\s)]*", part.strip(), re.S)
        if comparison:
            yield innermost(comparison[1])


def innermost(side):
    """What stands behind the last parenthesis that is not closed."""
    depth = 0
    for place in reversed(range(len(side))):
        depth += {")": 1, "(": -1}.get(side[place], 0)
        if depth < 0:
            return side[place + 1:].strip()
    return side
