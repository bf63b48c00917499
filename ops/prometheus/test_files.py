"""Checks that the dashboard, the alerts and the runbook agree, without running anything."""

import pathlib
import re
import shutil
import tempfile
import unittest

from dashboard import DASHBOARD, SELECTOR, expressions, panels, variables
from server import OPS, promtool

RULES = (OPS / "alerts.yaml").read_text()
TESTS = (OPS / "alerts-test.yaml").read_text()
README = (OPS / "README.md").read_text()
CONFIGURATION = (OPS / "CONFIGURATION.md").read_text()
RUNBOOK = (OPS / "RUNBOOK.md").read_text()
# Each alert with the lines of its rule.
ALERTS = dict(re.findall(r"- alert: (\w+)\n(.*?)(?=\n\n|\Z)", RULES, re.S))


class Alerts(unittest.TestCase):
    def test_promtool_finds_nothing_in_the_rules(self):
        status, said = promtool("check", "rules", str(OPS / "alerts.yaml"))
        self.assertEqual(status, 0, said)
        self.assertIn(f"{len(ALERTS)} rules found", said)

    def test_the_rules_pass_their_tests(self):
        status, said = promtool("test", "rules", str(OPS / "alerts-test.yaml"))
        self.assertEqual(status, 0, said)

    def test_each_alert_has_a_test_in_which_it_goes_off_and_one_in_which_it_does_not(self):
        for alert in ALERTS:
            outcomes = re.findall(rf"- alertname: {alert}\n.*\n\s+exp_alerts:( \[\])?", TESTS)
            self.assertEqual(set(outcomes), {"", " []"}, alert)

    def test_each_alert_links_to_the_runbook(self):
        for alert, rule in ALERTS.items():
            link = f"{{{{ with $externalLabels.runbook }}}}{{{{ . }}}}{{{{ else }}}}RUNBOOK.md{{{{ end }}}}#{alert.lower()}"
            self.assertIn(f"runbook_url: '{link}'\n", rule + "\n", alert)

    def test_a_restart_or_a_drain_alone_is_no_reason_to_wake_anybody(self):
        for alert in ["PartySocketsRestarting", "PartySocketsDrainStuck"]:
            self.assertIn("severity: warning", ALERTS[alert])


class Readme(unittest.TestCase):
    def test_prometheus_takes_the_configurations_that_it_shows(self):
        section = README.split("\n## Watch it\n")[1].split("\n## ")[0]
        shown = re.findall(r"```yaml\n(.*?)```", section, re.S)
        self.assertTrue(shown)
        for text in shown:
            with tempfile.TemporaryDirectory() as folder:
                shutil.copy(OPS / "alerts.yaml", folder)
                pathlib.Path(folder, "prometheus.yml").write_text(text)
                status, said = promtool("check", "config", f"{folder}/prometheus.yml")
                self.assertEqual(status, 0, said)

    def test_it_names_the_label_that_makes_the_links_to_the_runbook_absolute(self):
        [label, address] = re.findall(r"external_labels:\n\s+(\w+): (\S+)", README)[0]
        self.assertEqual(label, "runbook")
        self.assertRegex(address, r"^https://.*/RUNBOOK\.md$")

    def test_the_token_for_fly_is_sent_as_what_it_is(self):
        [(kind, token)] = re.findall(r"authorization:\n\s+type: (\w+)\n\s+credentials: (\w+)\n", README)
        self.assertEqual((kind, token[:4]), ("FlyV1", "fm2_"))


class Runbook(unittest.TestCase):
    def test_each_alert_has_its_section_and_no_section_is_about_another(self):
        self.assertEqual(re.findall(r"(?m)^## (PartySockets\w+)$", RUNBOOK), list(ALERTS))

    def test_the_panels_that_it_names_are_there(self):
        named = {name for name in re.findall(r"\*\*([^*]+)\*\*", RUNBOOK.split("## At hand")[1]) if name[-1] != "."}
        self.assertLessEqual(named, {panel["title"] for _, panel in panels()})
        self.assertTrue(named)

    def test_the_log_lines_that_it_names_are_written(self):
        sources = "".join(file.read_text() for file in (OPS.parent / "Sources").rglob("*.swift"))
        lines = re.findall(r"^\| `([a-zA-Z :]+)` \| ", RUNBOOK.split("| log line |")[1].split("\n\n")[0], re.M)
        self.assertTrue(lines)
        for line in [*lines, "listening", "draining", "stopped", "limit reached", "handshake refused"]:
            self.assertIn(f'"{line}"', sources)

    def test_the_variables_that_it_names_are_documented(self):
        for variable in set(re.findall(r"`([A-Z]+_[A-Z_]+)\b", RUNBOOK)):
            self.assertIn(f"`{variable}`", CONFIGURATION)


class Dashboard(unittest.TestCase):
    def test_no_two_panels_have_the_same_id_or_title(self):
        ids = [panel["id"] for panel in DASHBOARD["panels"]]
        self.assertEqual(sorted(ids), sorted(set(ids)))
        # The runbook names panels by their titles.
        titles = [panel["title"] for _, panel in panels()]
        self.assertEqual(sorted(titles), sorted(set(titles)))

    def test_everything_comes_from_the_data_source_that_is_chosen(self):
        source = {"type": "prometheus", "uid": "${datasource}"}
        chosen = [panel["datasource"] for _, panel in panels()]
        chosen += [target["datasource"] for _, _, target in expressions()]
        chosen += [each["datasource"] for each in variables().values() if each["type"] == "query"]
        self.assertTrue(all(each == source for each in chosen))
        self.assertEqual(variables()["datasource"]["query"], "prometheus")

    def test_every_selector_listens_to_all_variables_and_no_rate_has_a_window_of_its_own(self):
        for _, panel, target in expressions():
            for _, matchers in SELECTOR.findall(target["expr"]):
                for variable in ["app", "region", "instance"]:
                    self.assertIn(f'{variable}=~"${variable}"', matchers, panel["title"])
            self.assertLessEqual(
                set(re.findall(r"\[([^\]]*)\]", target["expr"])), {"$__rate_interval", "$__range"}, panel["title"])
