"""Rooms of a local cluster whose machine is taken away."""

import os
import signal
import time
import unittest

from browsers import Browsers
from members import create, exchange, join
from support import RunningCluster
from times import Times

PLAYERS = 8


class HandedOver(unittest.TestCase):
    def test_a_room_moves_to_another_machine(self):
        cluster = RunningCluster("--machines", "2", "--regions", "ams", HANDOFF_SECONDS="1")
        self.addCleanup(cluster.leftovers)
        self.addCleanup(cluster.end)
        cluster.wait_until_ready()
        url = cluster.urls["ams"]
        devices = [Browsers.context(), Browsers.context()]
        for device in devices:
            self.addCleanup(device.close)
        host = create(devices[0], url, maxClients=PLAYERS + 1, hold=60)
        guests = join(devices[1], url, host.get("code"), count=PLAYERS)
        host.wait("peer", PLAYERS)
        host.call("setState", "before")
        guests.wait("state")
        slots = guests.page.evaluate("party.rooms.map((room) => room.index)")
        [machine] = [each for each in cluster.machines if each.id == host.get("instance")]
        for members in [host, guests]:
            members.forget()
        os.kill(machine.pid, signal.SIGTERM)
        for members in [host, guests]:
            back = members.wait("reconnected")
            self.assertEqual(len(members.events("moved")), members.count)
            Times.note("room handed over (1012)", [event["event"]["after"] / 1000 for event in back])
        self.assertNotEqual(host.get("instance"), machine.id)
        self.assertEqual(guests.page.evaluate("party.rooms.map((room) => room.index)"), slots)
        self.assertEqual(guests.get("state"), "before")
        exchange(host, guests)


if __name__ == "__main__":
    unittest.main()
