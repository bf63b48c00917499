"""Checks that a local cluster's machines run in the image's root, and end like those outside of it."""

import os
import pathlib
import signal
import sys
import unittest

from imageroot import ImageRoot

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "local/checks"))
from support import RunningCluster, eventually, group_of, send  # noqa: E402
from test_image import Relay  # noqa: E402
from websocket import CREATE, WebSocket  # noqa: E402

ROOT = os.environ.get("CHECK_ROOT")


@unittest.skipUnless(ROOT, "no --root")
class AClusterInTheRoot(unittest.TestCase):
    def start(self, machines=1, regions="ams iad"):
        cluster = RunningCluster("--root", ROOT, "--machines", str(machines), "--regions", regions)
        self.addCleanup(cluster.end)
        return cluster.wait_until_ready()

    def test_its_machines_run_in_the_root_as_the_image_s_user(self):
        cluster = self.start()
        image = ImageRoot(ROOT)
        for machine in cluster.machines:
            process = pathlib.Path(f"/proc/{machine.pid}")
            self.assertTrue(os.path.samefile(process / "root", image.path))
            program = image.path / image.image.entrypoint[0].lstrip("/")
            self.assertTrue(os.path.samefile(process / "exe", program))
            self.assertEqual(process.stat().st_uid, image.image.user)
        self.assertEqual(cluster.end()[0], 143)
        self.assertEqual(cluster.leftovers(), [])

    def test_a_relay_in_it_finds_rooms_by_the_addresses_of_one_name(self):
        cluster = self.start(machines=2, regions="ams")
        owner = cluster.machines[1]
        relay = Relay(ImageRoot(ROOT), {
            "INSTANCE_ID": "beside", "DNS_SERVERS": f"127.0.0.1:{cluster.dns}",
            "SIBLINGS": f"dns:ams.party-sockets.internal:{owner.address.split(':')[1]}"})
        self.addCleanup(relay.kill)
        with WebSocket(f"http://{owner.address}", "/") as host:
            code = host.ask(CREATE)["room"]
            self.assertTrue(eventually(lambda: replay(relay, code).startswith(f"instance={owner.id};")))

    def test_they_end_with_the_cluster_although_they_are_another_user_s(self):
        cluster = self.start()
        cluster.end(signal.SIGKILL)
        for machine in cluster.machines:
            self.assertTrue(eventually(lambda: not is_running(machine)), "runs on")
            self.assertNotIn(ROOT, pathlib.Path("/proc/self/mountinfo").read_text())

    def test_one_that_is_ended_by_its_id_is_told(self):
        cluster = self.start()
        machine = cluster.machines[0]
        os.kill(machine.pid, signal.SIGKILL)
        self.assertIn(f"ended: machine-ams-{machine.id}", cluster.process.stderr.readline())


def replay(relay, code):
    """Where a relay sends a player who asks for a room; empty if it does not know."""
    # As a proxy passes on what a player asks.
    answer = send(f"http://127.0.0.1:{relay.environment['PORT']}", f"/room/{code}", [("X-Forwarded-For", "192.0.2.1")])
    return answer.headers.get("fly-replay", "")


def is_running(machine):
    """True if the process runs; a zombie does not."""
    process = pathlib.Path(f"/proc/{machine.pid}")
    try:
        return group_of(process) == machine.pid and "\nState:\tZ" not in (process / "status").read_text()
    except FileNotFoundError:
        return False
