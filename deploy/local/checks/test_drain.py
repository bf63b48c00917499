"""A machine that drains behind the edge and cannot hand over its rooms: new games start on machines that stay, and its
own go on to their end."""

import os
import signal
import time
import unittest

from crowd import CLOSE_ROOM, Crowd
from support import RunningCluster, eventually, send
from websocket import CREATE, WebSocket


class Drain(unittest.TestCase):
    def start(self, machines, regions):
        # The clients answer no pings here.
        self.cluster = RunningCluster(
            "--machines", str(machines), "--regions", regions, IDLE_TIMEOUT_SECONDS="0", CLUSTER_SECRET="",
            EMPTY_GRACE_SECONDS="0")
        self.addCleanup(self.cluster.end)
        self.cluster.wait_until_ready()
        return self.cluster.machines

    def test_new_games_start_on_machines_that_stay_and_the_old_ones_go_on(self):
        leaver, *_ = self.start(3, "ams")
        with self.room(leaver) as first, self.room(leaver) as second, self.connect(leaver) as early:
            self.drain(leaver)
            self.assert_sends_elsewhere(leaver)
            self.assert_new_games_avoid(leaver, tries=40)
            self.assert_joins_and_plays(early, first)
            with self.connect(leaver) as by_pin, self.connect_by_code(second) as by_code:
                self.assert_joins_and_plays(by_pin, second)
                self.assert_joins_and_plays(by_code, second)
            self.assertEqual(second.receive()["type"], "peer_left")
            self.assertEqual(second.receive()["type"], "peer_left")
            first.send({"type": "close_room"})
            self.assertEqual(early.receive_close(), (4001, "room closed"))
            # One is left.
            with self.connect_by_code(second) as by_code:
                self.assert_joins_and_plays(by_code, second)
                self.assertEqual(self.readiness(leaver), (503, 200))
                second.send({"type": "close_room"})
                self.assertEqual(by_code.receive_close(), (4001, "room closed"))
        self.assertEqual(self.cluster.wait_for_end_of(leaver), "exit status 0")
        self.assert_new_games_avoid(leaver, tries=5)

    def test_where_a_machine_is_alone_in_its_region_new_games_start_in_another(self):
        leaver, _ = self.start(1, "ams iad")
        with self.room(leaver) as host:
            self.drain(leaver)
            self.assert_sends_elsewhere(leaver)
            self.assert_new_games_avoid(leaver, tries=10)
            with self.connect_by_code(host) as guest:
                self.assert_joins_and_plays(guest, host)
        self.assertEqual(self.cluster.wait_for_end_of(leaver), "exit status 0")

    def test_where_no_machine_stays_those_that_drain_let_everybody_in(self):
        leaver, other = self.start(2, "ams")
        with self.room(leaver) as host, self.room(other):
            for machine in [leaver, other]:
                self.drain(machine)
            self.assert_lets_in(leaver, host)
            os.kill(other.pid, signal.SIGKILL)
            self.assertEqual(self.cluster.wait_for_end_of(other), "killed by SIGKILL")
            self.assert_lets_in(leaver, host)
        self.assertEqual(self.cluster.wait_for_end_of(leaver), "exit status 0")

    def test_a_machine_that_drains_while_others_are_frozen_or_gone_still_knows_who_stays(self):
        leaver, frozen, gone, _ = self.start(4, "ams")
        os.kill(gone.pid, signal.SIGKILL)
        os.kill(frozen.pid, signal.SIGSTOP)
        with self.room(leaver) as host:
            self.drain(leaver)
            self.assert_sends_elsewhere(leaver)
            self.assertEqual(host.ask({"type": "send", "to": 0, "data": 1})["data"], 1)
            os.kill(frozen.pid, signal.SIGCONT)

    # --- What players do ---

    def room(self, machine):
        """A host, with a game that it has created on this machine."""
        host = self.connect(machine)
        host.code = host.ask(CREATE)["room"]
        return host

    def connect(self, machine):
        return WebSocket(self.cluster.urls["ams"], f"/?instance={machine.id}")

    def connect_by_code(self, host):
        return WebSocket(self.cluster.urls["ams"], f"/{host.code}")

    def assert_joins_and_plays(self, guest, host):
        joined = guest.ask({"type": "join", "clientId": f"guest {id(guest)}", "room": host.code})
        self.assertEqual(joined["type"], "joined")
        index = joined["index"]
        self.assertEqual(host.receive(), {"type": "peer_joined", "index": index})
        host.send({"type": "send", "to": index, "data": "to the guest"})
        self.assertEqual(guest.receive(), {"type": "message", "from": 0, "data": "to the guest"})
        guest.send({"type": "send", "to": 0, "data": "to the host"})
        self.assertEqual(host.receive(), {"type": "message", "from": index, "data": "to the host"})

    # --- What the machines do ---

    def drain(self, machine):
        os.kill(machine.pid, signal.SIGTERM)
        self.assertTrue(eventually(lambda: self.readiness(machine) == (503, 200)))

    def readiness(self, machine):
        url = f"http://{machine.address}"
        return send(url, "/ready").status, send(url, "/health").status

    def upgrade_at(self, machine):
        """The answer to a player without a code or a pin whose request the edge has sent to this machine."""
        with WebSocket(f"http://{machine.address}", "/") as player:
            return player.status

    def assert_sends_elsewhere(self, machine):
        # At first it has to ask who stays.
        self.assertTrue(eventually(lambda: self.upgrade_at(machine) == 409))

    def assert_new_games_avoid(self, leaver, tries):
        for _ in range(tries):
            with WebSocket(self.cluster.urls["ams"], "/", early=CREATE) as host:
                created = host.receive()
                self.assertEqual(created["type"], "created", created)
                self.assertNotEqual(created["instance"], leaver.id)

    def assert_lets_in(self, leaver, host):
        self.assertTrue(eventually(lambda: self.upgrade_at(leaver) == 101))
        for _ in range(10):
            with WebSocket(self.cluster.urls["ams"], "/") as player:
                self.assertEqual(player.status, 101)
                self.assertEqual(player.ask(CREATE), {"type": "error", "message": "Server draining"})
        with WebSocket(f"http://{leaver.address}", "/") as player:
            self.assert_joins_and_plays(player, host)
        self.assertEqual(host.receive()["type"], "peer_left")


class Crowded(unittest.TestCase):
    """Forty rooms of four, in which everybody plays, on a machine that has one second to drain."""

    BOUND = 1
    # The time over which the relay then closes the remaining connections.
    SPREAD = 5

    def start(self, **environment):
        # A slow machine takes time to accept so many, and the clients answer no pings meanwhile.
        self.cluster = RunningCluster(
            "--machines", "2", "--regions", "ams", **environment, IDLE_TIMEOUT_SECONDS="0", CLUSTER_SECRET="")
        self.addCleanup(self.cluster.end)
        self.leaver = self.cluster.wait_until_ready().machines[0]
        self.crowd = Crowd(self.cluster.urls["ams"], self.leaver, rooms=40, members=4)
        self.addCleanup(self.crowd.close)

    def drain(self, meanwhile=lambda: None):
        # Taken before the signal, so that a delay here cannot make the closing look early.
        self.drained_at = time.monotonic()
        os.kill(self.leaver.pid, signal.SIGTERM)
        self.crowd.play(meanwhile=meanwhile)
        self.assertEqual(self.cluster.wait_for_end_of(self.leaver), "exit status 0")

    def test_a_machine_goes_with_its_last_room(self):
        self.start()
        hosts = self.crowd.hosts()

        def end_a_room():
            if hosts:
                hosts.pop().send(CLOSE_ROOM)
        self.drain(end_a_room)
        self.assertEqual({(player.code, player.reason) for player in self.crowd.players}, {(4001, "room closed")})

    def test_whoever_is_left_at_the_end_is_closed_room_by_room_and_not_all_at_once(self):
        self.start(DRAIN_SECONDS=str(self.BOUND))
        self.drain()
        players = self.crowd.players
        self.assertEqual({(player.code, player.reason) for player in players}, {(1012, "service restart")})
        self.assertFalse([player for player in players if player.was_left])
        ends = sorted(player.closed_at - self.drained_at for player in players)
        self.assertGreaterEqual(ends[0], self.BOUND)
        self.assertGreater(ends[-1] - ends[0], self.SPREAD / 2)
        # A busy machine is late with all of them.
        self.assertLess(ends[-1], self.BOUND + self.SPREAD * 2)
        for player in players:
            # Rooms that are closed later go on: each of the other three makes a move a second.
            if player.closed_at - self.drained_at > self.BOUND + self.SPREAD / 2:
                self.assertGreaterEqual(player.moves, 3)
