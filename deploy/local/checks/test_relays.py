"""The parts together with real relays: names, pins, regions, and WebSockets that are replayed."""

import unittest

from dns_reply import A, AAAA, NXDOMAIN, TXT, DNSReply
from support import RunningCluster
from websocket import CREATE, WebSocket


class Relays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Enough for a list of more than one character string.
        cls.cluster = RunningCluster("--machines", "5", "--regions", "ams iad nrt")
        cls.addClassCleanup(cls.cluster.end)
        cls.cluster.wait_until_ready()

    def test_the_list_of_machines_is_one_txt_record_of_several_strings(self):
        listed = ",".join(f"{machine.id} {machine.region}" for machine in self.cluster.machines).encode()
        over_tcp = self.ask("vms.party-sockets.internal", TXT, over_tcp=True)
        self.assertEqual((over_tcp.code, over_tcp.is_authoritative, over_tcp.is_truncated), (0, True, False))
        [strings] = over_tcp.values
        self.assertEqual([len(string) for string in strings], [255, len(listed) - 255])
        self.assertEqual(b"".join(strings), listed)
        self.assertLessEqual(over_tcp.ttl, 5)

    def test_every_machine_has_its_address_and_every_region_those_of_its_machines(self):
        for machine in self.cluster.machines:
            reply = self.ask(f"{machine.id}.vm.party-sockets.internal", A)
            self.assertEqual((reply.values, reply.is_authoritative), ([machine.address.split(":")[0]], True))
            self.assertLessEqual(reply.ttl, 5)
        for region in ["ams", "iad", "nrt"]:
            expected = {machine.address.split(":")[0] for machine in self.cluster.of(region)}
            self.assertEqual(set(self.ask(f"{region}.party-sockets.internal", A).values), expected)
        self.assertEqual(len(self.ask("party-sockets.internal", A).values), 15)

    def test_every_machine_and_every_region_has_a_name_for_the_others(self):
        for machine in self.cluster.machines:
            siblings = {each.address.split(":")[0] for each in self.cluster.of(machine.region)} - {
                machine.address.split(":")[0]}
            self.assertEqual(set(self.ask(f"{machine.id}.siblings.party-sockets.internal", A).values), siblings)
        for region in ["ams", "iad", "nrt"]:
            expected = {each.address.split(":")[0] for each in self.cluster.machines if each.region != region}
            self.assertEqual(set(self.ask(f"{region}.elsewhere.party-sockets.internal", A).values), expected)

    def test_what_is_no_machine_is_no_name_and_nobody_else_is_asked(self):
        for name in ["nosuch.vm.party-sockets.internal", "syd.party-sockets.internal", "example.com", "localhost"]:
            self.assertEqual(self.ask(name, A).code, NXDOMAIN, name)
        # An existing name, but without IPv6 addresses.
        self.assertEqual(self.ask("party-sockets.internal", AAAA).code, 0)

    def test_every_edge_reaches_every_machine_by_its_pin(self):
        for region in self.cluster.urls:
            for machine in self.cluster.machines:
                answer = self.cluster.send(region, f"/room/zzzzzz?instance={machine.id}")
                self.assertEqual((answer.status, answer.id), (404, machine.id))
                self.assertEqual(answer.body, b'{"error":"Room not found"}')

    def test_a_pin_to_a_machine_that_is_gone_is_stale(self):
        answer = self.cluster.send("ams", "/room/zzzzzz?a=1&instance=0123456789abcd")
        self.assertEqual((answer.status, answer.headers["location"]), (302, "/room/zzzzzz?a=1"))
        with WebSocket(self.cluster.urls["ams"], "/?instance=0123456789abcd") as socket:
            self.assertEqual(socket.status, 101)

    def test_a_websocket_is_replayed_with_what_was_sent_before_it_was_open(self):
        for machine in self.cluster.machines:
            with WebSocket(self.cluster.urls["ams"], f"/?instance={machine.id}", early=CREATE) as socket:
                created = socket.receive()
                self.assertEqual((created["type"], created["instance"]), ("created", machine.id))

    def test_a_code_is_brought_to_the_region_it_names(self):
        iad = self.cluster.of("iad")
        with WebSocket(self.cluster.urls["ams"], f"/?instance={iad[0].id}", early=CREATE) as host:
            code = host.receive()["room"]
            answer = self.cluster.send("nrt", f"/room/{code}")
            self.assertIn(answer.id, [machine.id for machine in iad])
            with WebSocket(self.cluster.urls["nrt"], f"/{code}?instance={iad[0].id}") as guest:
                guest.send({"type": "join", "clientId": "guest", "room": code})
                self.assertEqual(guest.receive()["type"], "joined")
                self.assertEqual(host.receive(), {"type": "peer_joined", "index": 1})
            self.assertEqual(host.receive(), {"type": "peer_left", "index": 1})

    def test_a_forced_machine_gets_the_websocket(self):
        for machine in self.cluster.machines:
            force = f"fly-force-instance-id: {machine.id}\r\n"
            with WebSocket(self.cluster.urls["ams"], "/", extra=force, early=CREATE) as socket:
                self.assertEqual(socket.receive()["instance"], machine.id)

    def test_a_head_that_is_too_large_gets_the_relays_own_answer(self):
        headers = [(f"X-Large-{index}", "x" * 6000) for index in range(3)]
        self.assertEqual(self.cluster.send("ams", "/room/zzzzzz", headers).status, 431)

    def ask(self, name, kind, over_tcp=False):
        return DNSReply(name, kind, self.cluster.dns, over_tcp)
