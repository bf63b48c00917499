"""Machines that are replaced in a running cluster, and regions of many machines."""

import os
import pathlib
import signal
import subprocess
import sys
import unittest

from control import RunningCluster as Controlled
from dns_reply import A, NXDOMAIN, TXT, DNSReply
from processes import Failure
from support import HERE, SCRIPTED, RunningCluster, eventually
from websocket import CREATE, WebSocket


class Replacing(unittest.TestCase):
    def start(self, *arguments, **options):
        self.cluster = RunningCluster(*arguments, **options)
        self.addCleanup(self.cluster.end)
        self.cluster.wait_until_ready()
        self.controlled = Controlled(self.cluster.state)
        return self.cluster.machines

    def test_a_machine_is_started_again_as_it_was_and_goes_on_with_its_log(self):
        machine, other = self.start("--machines", "2", "--regions", "ams")
        replaced = self.controlled.replace(machine, is_new=False, patience=30)
        self.assertEqual((replaced.id, replaced.address), (machine.id, machine.address))
        self.assertNotEqual(replaced.pid, machine.pid)
        self.assertEqual([each.pid for each in self.controlled.machines()], [replaced.pid, other.pid])
        self.assertEqual(self.cluster.send("ams", f"/room/zzzzzz?instance={machine.id}").id, machine.id)
        log = (self.cluster.state / f"machine-ams-{machine.id}.log").read_text()
        self.assertEqual(log.count("listening"), 2)

    def test_a_new_machine_takes_the_names_of_an_old_one_that_is_then_unknown(self):
        machine, other = self.start("--machines", "2", "--regions", "ams")
        new = self.controlled.replace(machine, is_new=True, patience=30)
        self.assertNotIn(new.id, [machine.id, other.id])
        self.assertNotIn(new.address, [machine.address, other.address])

        def knows():
            return self.names("vms", TXT).values == [[f"{new.id} ams,{other.id} ams".encode()]]
        self.assertTrue(eventually(knows))
        # The edges have a DNS server of their own.
        for server in ["127.0.0.1", "127.0.0.2"]:
            self.assertTrue(eventually(lambda: self.names(f"{machine.id}.vm", A, server).code == NXDOMAIN))
            self.assertEqual(self.names(f"{new.id}.vm", A, server).values, [new.address.split(":")[0]])
        self.assertTrue(eventually(
            lambda: self.cluster.send("ams", f"/room/zzzzzz?instance={new.id}").id == new.id))
        # Once more, in the place of a machine that was new itself.
        self.assertNotEqual(self.controlled.replace(new, is_new=True, patience=30).address, new.address)

    def test_the_command_replaces_one_machine(self):
        machine, _ = self.start("--machines", "2", "--regions", "ams")
        done = subprocess.run(
            [sys.executable, HERE.parent / "replace", machine.id], capture_output=True, text=True,
            env=self.environment())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.startswith(f"{machine.id} ams {machine.address} "))
        self.assertNotIn(f" {machine.pid}\n", done.stdout)

    def test_a_machine_that_is_frozen_goes_on_afterwards(self):
        machine, _ = self.start("--machines", "2", "--regions", "ams")
        for seconds, number in [("1", None), ("60", signal.SIGTERM)]:
            freezing = subprocess.Popen(
                [sys.executable, HERE.parent / "freeze", machine.id, seconds], env=self.environment())
            self.addCleanup(freezing.wait)
            self.addCleanup(freezing.kill)
            self.assertTrue(eventually(lambda: state_of(machine) == "T"))
            if number:
                freezing.send_signal(number)
            self.assertTrue(eventually(lambda: state_of(machine) != "T"))

    def test_the_commands_say_what_they_do_not_know(self):
        self.start("--machines", "1", "--regions", "ams")
        for command in [["replace", "nobody"], ["freeze", "nobody", "1"]]:
            for environment, complaint in [
                    (self.environment(), "no machine is called nobody"), ({"CLUSTER_DIR": "/nosuch"}, "no cluster runs")]:
                done = subprocess.run(
                    [sys.executable, HERE.parent / command[0], *command[1:]], capture_output=True, text=True,
                    env=os.environ | environment)
                self.assertEqual(done.returncode, 1)
                self.assertIn(complaint, done.stderr)

    def environment(self):
        return os.environ | {"CLUSTER_DIR": str(self.cluster.state)}

    def test_edges_that_are_restarted_drop_every_connection(self):
        self.start("--machines", "1", "--regions", "ams iad")
        with WebSocket(self.cluster.urls["iad"], "/", early=CREATE) as host:
            self.assertEqual(host.receive()["type"], "created")
            self.controlled.ask("restart-edge")
            self.assertEqual(host.channel.recv(1), b"")
        self.assertEqual(self.cluster.send("iad", "/health").status, 200)

    def test_what_cannot_be_done_is_said_and_the_cluster_goes_on(self):
        machine, *_ = self.start("--machines", "1", "--regions", "ams", binary=SCRIPTED)
        for words, complaint in [
                (["start", machine.id], f"{machine.id} runs"), (["start", "nobody"], "no machine is called nobody"),
                (["start"], "start"), (["dance"], "the commands are"), ([], "the commands are")]:
            with self.assertRaisesRegex(Failure, complaint):
                self.controlled.ask(*words)
        self.assertEqual(self.cluster.send("ams", "/x").id, machine.id)

    def names(self, name, kind, server="127.0.0.1"):
        return DNSReply(f"{name}.party-sockets.internal", kind, self.cluster.dns, over_tcp=False, server=server)


class Large(unittest.TestCase):
    """A region of more machines than one line of the DNS server's configuration can name."""

    def test_all_machines_of_a_large_region_are_listed_and_found(self):
        cluster = RunningCluster("--machines", "60", "--regions", "ams")
        self.addCleanup(cluster.end)
        cluster.wait_until_ready()
        reply = DNSReply("vms.party-sockets.internal", TXT, cluster.dns, over_tcp=True)
        listed = [pair for record in reply.values for pair in b"".join(record).decode().split(",")]
        self.assertEqual(sorted(listed), sorted(f"{machine.id} ams" for machine in cluster.machines))
        for machine in cluster.machines:
            siblings = DNSReply(f"{machine.id}.siblings.party-sockets.internal", A, cluster.dns, over_tcp=True).values
            self.assertGreaterEqual(len(set(siblings)), 16)
            self.assertNotIn(machine.address.split(":")[0], siblings)
        last = cluster.machines[-1]
        self.assertEqual(cluster.send("ams", f"/room/zzzzzz?instance={last.id}").id, last.id)
        with WebSocket(cluster.urls["ams"], f"/?instance={last.id}", early=CREATE) as host:
            code = host.receive()["room"]
            self.assertEqual(cluster.send("ams", f"/room/{code}").id, last.id)


def state_of(machine):
    return pathlib.Path(f"/proc/{machine.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
