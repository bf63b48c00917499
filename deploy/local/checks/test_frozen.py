"""Checks what players of an edge notice of machines that are frozen or drain, with real relays."""

import concurrent.futures
import os
import re
import signal
import time
import unittest

from dns_reply import A, NXDOMAIN, TXT, DNSReply
from parts import EDGE, EDGES_DNS
from support import RunningCluster, eventually
from websocket import CREATE, WebSocket

# Seconds that the edge waits for a machine that does not answer.
PATIENCE = int(re.search(r"\nproxy_read_timeout +(\d+)s;", (EDGE / "server.conf").read_text())[1])


class Frozen(unittest.TestCase):
    # Seconds that an edge may keep what it has been told.
    ttl = 0

    def start(self, machines):
        # The clients answer no pings, and no room is handed over.
        self.cluster = RunningCluster(
            "--machines", str(machines), "--regions", "ams iad", IDLE_TIMEOUT_SECONDS="0", CLUSTER_SECRET="")
        self.addCleanup(self.cluster.end)
        self.cluster.wait_until_ready()
        return self.cluster.of("ams"), self.cluster.of("iad")

    def test_machines_that_are_frozen_or_drain_get_no_new_games_and_keep_their_own(self):
        [frozen, leaver, other], _ = self.start(3)
        with self.room(frozen) as host, self.room(leaver) as second:
            os.kill(frozen.pid, signal.SIGSTOP)
            os.kill(leaver.pid, signal.SIGTERM)
            self.assert_found_at("ams", [other])
            self.wait_until_forgotten()
            log = self.cluster.state / "edge-requests.log"
            before = len(log.read_text())
            self.assert_new_games_start_on([other])
            # Nobody has sent them on.
            self.assertNotIn(leaver.address, log.read_text()[before:])
            for machine in [frozen, leaver]:
                self.assertEqual(self.addresses(f"{machine.id}.vm"), [machine.address.split(":")[0]])
                self.assertIn(machine.id.encode(), b"".join(self.ask("vms", TXT).values[0]))
            self.assert_joins(second)
            # Its room is not said to be gone.
            self.assertEqual(self.cluster.send("ams", f"/room/{host.code}").status, 503)
            os.kill(frozen.pid, signal.SIGCONT)
            self.assert_found_at("ams", [frozen, other])
            self.assert_joins(host)
            # The names outlive the watch.
            os.kill(self.cluster.pids["watch"], signal.SIGKILL)
            self.assertIn("ended: watch", self.cluster.process.stderr.readline())
            self.assert_found_at("ams", [frozen, other])
            self.assert_new_games_start_on([frozen, other])

    def test_where_a_region_is_frozen_its_players_start_games_in_another(self):
        ams, iad = self.start(2)
        with self.room(ams[0]) as host:
            for machine in ams:
                os.kill(machine.pid, signal.SIGSTOP)
            self.assert_found_at("ams", [])
            self.wait_until_forgotten()
            self.assert_new_games_start_on(iad)
            for region in ["ams", "iad"]:
                with WebSocket(self.cluster.urls[region], f"/{host.code}") as guest:
                    guest.send({"type": "join", "clientId": "guest", "room": host.code})
                    # It is to come back, and not told that the room is gone.
                    self.assertEqual(guest.receive_close()[0], 1012)
            os.kill(ams[0].pid, signal.SIGCONT)
            self.assert_found_at("ams", ams[:1])
            self.assert_joins(host)

    # --- The names ---

    def ask(self, name, kind=A):
        return DNSReply(f"{name}.party-sockets.internal", kind, self.cluster.dns, over_tcp=False, server=EDGES_DNS)

    def addresses(self, name):
        reply = self.ask(name)
        self.ttl = max(self.ttl, reply.ttl)
        self.assertEqual(reply.code, 0 if reply.values else NXDOMAIN)
        return sorted(reply.values)

    def assert_found_at(self, region, machines):
        expected = sorted(machine.address.split(":")[0] for machine in machines)
        self.assertTrue(eventually(lambda: self.addresses(region) == expected), self.addresses(region))

    def wait_until_forgotten(self):
        """Waits until the edges too have forgotten what the names stood for. They count in whole seconds."""
        time.sleep(self.ttl + 1)

    # --- The players ---

    def room(self, machine):
        host = WebSocket(self.cluster.urls["ams"], f"/?instance={machine.id}")
        host.code = host.ask(CREATE)["room"]
        return host

    def assert_new_games_start_on(self, machines):
        """None of twenty players meets a machine that is not there: one alone would take the edge's whole patience."""
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            created = list(pool.map(lambda _: self.created_on(), range(20)))
        self.assertLess(time.monotonic() - start, PATIENCE / 2)
        self.assertLessEqual(set(created), {machine.id for machine in machines})

    def created_on(self):
        with WebSocket(self.cluster.urls["ams"], "/", early=CREATE) as host:
            return host.receive()["instance"]

    def assert_joins(self, host):
        """A guest that tries again where it is told to gets in."""
        self.assertTrue(eventually(lambda: self.joins(host)))

    def joins(self, host):
        with WebSocket(self.cluster.urls["iad"], f"/{host.code}") as guest:
            if guest.status == 503:
                return False
            joined = guest.ask({"type": "join", "clientId": "guest", "room": host.code})
            self.assertEqual(joined["type"], "joined", joined)
            return True
