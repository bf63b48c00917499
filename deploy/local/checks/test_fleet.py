"""Checks what follows from what is known of the machines, without any."""

import sys
import unittest

from support import HERE

sys.path.append(str(HERE.parents[1] / "edge"))
from fleet import (  # noqa: E402
    FleetError, Health, Heard, Machine, State, edge_machines_conf, hosts, read_fleet, vms_conf)

UP, LEAVING, RESTARTING, SILENT, UNKNOWN = (
    State.UP, State.LEAVING, State.RESTARTING, State.SILENT, State.UNKNOWN)
HEARD = {"r": Heard.READY, "n": Heard.NOT_READY, "x": Heard.REFUSAL, "-": Heard.NOTHING}
FLEET = [Machine(f"{region}-{number}", region, f"10.0.{row}.{number}", 3000)
         for row, (region, size) in enumerate([("ams", 3), ("iad", 2), ("nrt", 1)]) for number in range(1, size + 1)]


class OneMachine(unittest.TestCase):
    def test_what_is_heard_of_a_machine_makes_its_state(self):
        for heard, state in [
                ("", UNKNOWN), ("r", UP), ("n", LEAVING), ("x", RESTARTING),
                # One answer may be lost, whatever was known before.
                ("-", UNKNOWN), ("--", SILENT), ("r-", UP), ("r--", SILENT), ("r-r-", UP), ("n-", LEAVING),
                ("n--", SILENT), ("x-", RESTARTING), ("r-x-", RESTARTING), ("--" * 50, SILENT),
                # An answer counts at once.
                ("r--r", UP), ("r--n", LEAVING), ("rn", LEAVING), ("rnr", UP), ("nx", RESTARTING), ("nxr", UP),
                # What refuses connections for long is no restart.
                ("r" + "x" * 30, RESTARTING), ("r" + "x" * 31, SILENT), ("x" * 31 + "r", UP),
                ("x" * 29 + "n" + "x" * 29, RESTARTING), ("--" + "x", RESTARTING)]:
            with self.subTest(heard):
                health = Health()
                for each in heard:
                    health = health.after(HEARD[each])
                self.assertIs(health.state, state)

    def test_the_first_line_of_an_answer_tells_whether_a_machine_takes_players(self):
        for line, heard in [
                (b"HTTP/1.1 200 OK\r\n", "r"), (b"HTTP/1.0 200\r\n", "r"), (b"HTTP/1.1 503 Service Unavailable\r\n", "n"),
                # A relay that has no such page.
                (b"HTTP/1.1 302 Found\r\n", "r"), (b"HTTP/1.1 404 Not Found\n", "r"),
                (b"", "-"), (b"HTTP/1.1 2000 OK\r\n", "-"), (b"HTTP/2 200\r\n", "-"), (b"SSH-2.0-OpenSSH\r\n", "-"),
                (b"HTTP/1.1 20\r\n", "-"), (b"x HTTP/1.1 200 OK\r\n", "-")]:
            with self.subTest(line):
                self.assertIs(Heard.of_status_line(line), HEARD[heard])


class Names(unittest.TestCase):
    def names(self, **states):
        """The machines behind each name, where those that are not mentioned are well."""
        known = {machine: states.get(machine.id.replace("-", ""), UP) for machine in FLEET}
        found = {}
        for machine, line in zip(FLEET, hosts(FLEET, known, "app").splitlines()):
            address, *names = line.split()
            self.assertEqual(address, machine.address)
            self.assertEqual(len(names), len(set(names)))
            for name in names:
                found.setdefault(name.removesuffix(".internal").removesuffix("app").rstrip("."), []).append(machine.id)
        # Whatever happens, its rooms are found by its own name.
        for machine in FLEET:
            self.assertEqual(found.pop(f"{machine.id}.vm"), [machine.id])
        return {name: " ".join(sorted(ids)) for name, ids in found.items()}

    def test_where_all_are_well_every_machine_has_all_its_names(self):
        self.assertEqual(self.names(), {
            "": "ams-1 ams-2 ams-3 iad-1 iad-2 nrt-1", "ams": "ams-1 ams-2 ams-3", "iad": "iad-1 iad-2", "nrt": "nrt-1",
            "ams-1.siblings": "ams-2 ams-3", "ams-2.siblings": "ams-1 ams-3", "ams-3.siblings": "ams-1 ams-2",
            "iad-1.siblings": "iad-2", "iad-2.siblings": "iad-1", "ams.elsewhere": "iad-1 iad-2 nrt-1",
            "iad.elsewhere": "ams-1 ams-2 ams-3 nrt-1", "nrt.elsewhere": "ams-1 ams-2 ams-3 iad-1 iad-2"})

    def test_a_machine_that_takes_no_players_has_its_own_name_alone(self):
        for state in [LEAVING, SILENT, UNKNOWN]:
            with self.subTest(state):
                self.assertEqual(self.names(ams1=state), {
                    "": "ams-2 ams-3 iad-1 iad-2 nrt-1", "ams": "ams-2 ams-3", "iad": "iad-1 iad-2", "nrt": "nrt-1",
                    "ams-1.siblings": "ams-2 ams-3", "ams-2.siblings": "ams-3", "ams-3.siblings": "ams-2",
                    "iad-1.siblings": "iad-2", "iad-2.siblings": "iad-1", "ams.elsewhere": "iad-1 iad-2 nrt-1",
                    "iad.elsewhere": "ams-2 ams-3 nrt-1", "nrt.elsewhere": "ams-2 ams-3 iad-1 iad-2"})

    def test_one_that_refuses_connections_keeps_them(self):
        self.assertEqual(self.names(ams1=RESTARTING), self.names())

    def test_a_region_without_a_machine_that_takes_players_goes_to_those_that_still_have_games(self):
        names = self.names(iad1=LEAVING, iad2=LEAVING)
        self.assertEqual((names["iad"], names[""]), ("iad-1 iad-2", "ams-1 ams-2 ams-3 nrt-1"))
        self.assertNotIn("iad-1.siblings", names)
        self.assertEqual(names["ams.elsewhere"], "nrt-1")
        self.assertEqual(self.names(iad1=LEAVING, iad2=SILENT)["iad"], "iad-1")
        self.assertEqual(self.names(iad1=LEAVING, iad2=RESTARTING)["iad"], "iad-1 iad-2")

    def test_a_region_whose_machines_are_all_silent_is_nowhere(self):
        names = self.names(iad1=SILENT, iad2=SILENT)
        self.assertNotIn("iad", names)
        self.assertEqual(names[""], "ams-1 ams-2 ams-3 nrt-1")

    def test_where_all_machines_drain_they_let_players_in(self):
        names = self.names(**{machine.id.replace("-", ""): LEAVING for machine in FLEET})
        self.assertEqual(names, {name: ids for name, ids in self.names().items() if "." not in name})

    def test_where_nobody_answers_all_names_stay(self):
        for state in [SILENT, UNKNOWN]:
            names = self.names(**{machine.id.replace("-", ""): state for machine in FLEET})
            self.assertEqual(names, self.names())

    def test_in_a_large_region_the_next_sixteen_that_take_players_follow_a_machine(self):
        fleet = [Machine(f"m{number}", "ams", f"10.0.0.{number}", 3000) for number in range(40)]
        states = {machine: SILENT if number % 2 else UP for number, machine in enumerate(fleet)}
        lines = [line.split() for line in hosts(fleet, states, "app").splitlines()]
        for place, machine in enumerate(fleet):
            followed = [address for address, *names in lines if f"{machine.id}.siblings.app.internal" in names]
            expected = [(place + step) % 40 for step in range(1, 40) if (place + step) % 2 == 0][:16]
            self.assertEqual(sorted(followed), sorted(f"10.0.0.{number}" for number in expected))


class List(unittest.TestCase):
    def test_a_list_has_a_machine_on_each_line(self):
        text = "# ours\n\nams-1 ams 10.0.1.1:3000\n  A9\tnrt   [fdaa:0::1]:80 # with more\n"
        first, second = read_fleet(text)
        self.assertEqual(first, Machine("ams-1", "ams", "10.0.1.1", 3000))
        self.assertEqual(second, Machine("A9", "nrt", "fdaa::1", 80))
        self.assertEqual((first.endpoint, second.endpoint), ("10.0.1.1:3000", "[fdaa::1]:80"))
        self.assertEqual(edge_machines_conf([second]), '"[fdaa::1]:80" "instance=A9;region=nrt";\n')

    def test_what_is_no_list_is_refused_with_its_line(self):
        good = "a ams 10.0.0.1:1"
        for line in ["a ams", "a ams 10.0.0.2:1 x", "a_b ams 10.0.0.2:1", "a.b ams 10.0.0.2:1", f"{'a' * 64} ams 10.0.0.2:1",
                     "b AMS 10.0.0.2:1", "b amst 10.0.0.2:1", "b ams host:1", "b ams 10.0.0.2", "b ams 10.0.0.256:1",
                     "b ams 10.0.0.2:0", "b ams 10.0.0.2:65536", "b ams 10.0.0.2:x", "b ams 10.0.0.2:-1", "b ams fdaa::1:80",
                     "b ams [fdaa::1]", "b ams [10.0.0.2]:1", "b ams fe80::1%eth0:1", 'b ams 10.0.0.2:1"']:
            with self.subTest(line), self.assertRaisesRegex(FleetError, "^line 2: "):
                read_fleet(f"{good}\n{line}\n")
        for text, reason in [("", "no machine"), ("# x\n", "no machine"), (f"{good}\na iad 10.0.0.2:1", "a is there twice"),
                             (f"{good}\nA ams 10.0.0.2:1", "a is there twice"),
                             ("nrt-B ams 10.0.0.2:1\nNRT-b iad 10.0.0.3:1", "nrt-b is there twice"),
                             (f"{good}\nb ams 10.0.0.1:1", "10.0.0.1:1 is there twice")]:
            with self.subTest(text), self.assertRaisesRegex(FleetError, reason):
                read_fleet(text)

    def test_a_long_list_has_strings_and_records_that_dnsmasq_can_read(self):
        fleet = [Machine(f"machine-{number:06}", "ams", f"10.0.0.{number}", 3000) for number in range(100)]
        lines = vms_conf(fleet, "app").splitlines()
        listed = []
        for line in lines:
            self.assertLess(len(line), 1024)
            name, *strings = line.split(',"')
            self.assertEqual(name, "txt-record=vms.app.internal")
            self.assertLessEqual(max(map(len, strings)), 256)
            listed += "".join(string.removesuffix('"') for string in strings).split(",")
        self.assertEqual(listed, [f"{machine.id} ams" for machine in fleet])
