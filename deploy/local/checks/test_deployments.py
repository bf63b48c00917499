"""What compose.yaml and the manifests for Kubernetes describe works, with real relays, names and edges."""

import http.client
import json
import unittest

from deployment import Deployment
from dns_reply import A, AAAA, NXDOMAIN, DNSReply
from platforms import Compose, Kubernetes
from support import eventually, send
from websocket import CLOSE, CREATE, WebSocket


class Several:
    """What holds for several relays behind an edge, whatever the platform."""

    @classmethod
    def setUpClass(cls):
        # The clients answer no pings here.
        cls.deployment = Deployment(
            cls.platform, IDLE_TIMEOUT_SECONDS="0", MISSES_PER_MINUTE="0", DRAIN_DELAY_SECONDS="3", HANDOFF_SECONDS="1")
        cls.addClassCleanup(cls.deployment.end)
        cls.deployment.start()
        cls.ids = cls.platform.ids

    def test_a_join_comes_to_the_room_wherever_it_lands(self):
        for home in self.ids:
            with self.connect(f"/?instance={home}") as host:
                created = host.ask(CREATE)
                self.assertEqual(created["instance"], home)
                for first in self.ids:
                    with self.connect(f"/{created['room']}", first=first) as guest:
                        joined = guest.ask({"type": "join", "clientId": first, "room": created["room"]})
                        self.assertEqual(joined["type"], "joined", joined)
                way = [line for line in self.requests_of(f'"GET /{created["room"]} ', len(self.ids))]
                self.assertEqual(sum("(409 : 101)" in line for line in way), len(self.ids) - 1, way)

    def test_a_code_that_nobody_has_is_known_to_be_so(self):
        for first in self.ids:
            answer = send(self.deployment.url, "/room/1zzzzz", [("fly-force-instance-id", first)])
            self.assertEqual((answer.status, answer.id), (404, first))

    def test_an_id_that_no_relay_has_leads_nowhere(self):
        for name in ["prometheus", "edge", "localhost"]:
            self.assertEqual(send(self.deployment.url, "/", [("fly-force-instance-id", name)]).status, 502)

    def test_an_address_that_a_stranger_claims_is_not_believed(self):
        address = self.deployment.url.removeprefix("http://")
        self.assertEqual(address_of_one_who_claims_another(self, self.deployment, address), "127.5.5.5")

    def test_one_that_drains_hands_its_rooms_over_and_gets_no_new_games(self):
        leaver = self.ids[-1]
        with self.connect(f"/?instance={leaver}") as host:
            code = host.ask(CREATE)["room"]
            host.send({"type": "set_state", "data": "kept"})
            with self.connect(f"/{code}") as guest:
                self.assertEqual(self.join(guest, "guest", code), [1, "kept"])
                self.assertEqual(host.receive(), {"type": "peer_joined", "index": 1})
                self.deployment.drain(leaver)
                # At first it has to ask who stays.
                self.assertTrue(eventually(lambda: self.starts_elsewhere(leaver)))
                self.assertEqual([self.starts_elsewhere(leaver) for _ in range(6)], [True] * 6)
                for player in [host, guest]:
                    self.assertEqual(player.receive_close()[0], 1012)
        self.assert_comes_back("host", f"/{code}", 0)
        self.assert_comes_back("guest", f"/{code}?instance={leaver}", 1)
        self.assertEqual(self.deployment.wait_for_end_of(leaver), 0)
        self.assert_comes_back("host", f"/{code}?instance={leaver}", 0)
        self.deployment.start_relays(leaver)
        with self.connect(f"/?instance={leaver}") as host:
            self.assertEqual(host.ask(CREATE)["instance"], leaver)

    def join(self, player, name, code):
        """The slot and the state that a player gets."""
        joined = player.ask({"type": "join", "clientId": name, "room": code})
        self.assertEqual(joined["type"], "joined", joined)
        return [joined["index"], player.receive()["data"]]

    def assert_comes_back(self, name, target, index):
        """As a client does: until it sits there again. Soon after a relay's end its pin may be closed with 1012."""
        def is_back():
            with self.connect(target) as player:
                if player.status != 101:
                    return False
                player.send({"type": "join", "clientId": name, "room": target[1:7]})
                opcode, payload = player.receive_frame()
                if opcode == CLOSE:
                    self.assertEqual(int.from_bytes(payload[:2], "big"), 1012)
                    return False
                joined = json.loads(payload)
                self.assertEqual((joined["type"], joined.get("index")), ("joined", index))
                self.assertEqual(player.receive(), {"type": "state", "data": "kept"})
                return True
        self.assertTrue(eventually(is_back))

    def starts_elsewhere(self, leaver):
        """True if who lands on that relay gets a game on another."""
        with self.connect("/", first=leaver) as host:
            answer = host.ask(CREATE)
            return answer["type"] == "created" and answer["instance"] != leaver

    def connect(self, target, first=None):
        return WebSocket(
            self.deployment.url, target, extra=f"fly-force-instance-id: {first}\r\n" if first else "")

    def requests_of(self, text, count):
        """The edge's lines that have this text."""
        def found():
            return [line for line in self.deployment.requests() if text in line]
        self.assertTrue(eventually(lambda: len(found()) == count), found())
        return found()


class OnKubernetes(Several, unittest.TestCase):
    platform = Kubernetes()

    def test_every_pod_has_a_name_and_the_services_have_those_that_they_should(self):
        domain = f"{self.platform.namespace}.svc.cluster.local"
        addresses = self.deployment.addresses
        for pod in self.ids:
            self.assertEqual(self.deployment.looked_up(f"{pod}.relay.{domain}"), {addresses[pod]})
        for service in ["relay", "relay-ready"]:
            self.assertEqual(self.deployment.looked_up(f"{service}.{domain}"), set(addresses.values()))
            self.assertEqual(self.deployment.looked_up(f"{service}.{domain}", AAAA), set())
        reply = DNSReply(f"relay-{len(self.ids)}.relay.{domain}", A, self.deployment.ports.dns, over_tcp=False)
        self.assertEqual(reply.code, NXDOMAIN)

    def test_the_probes_ask_for_what_a_relay_answers(self):
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"]:
            variable, path = self.platform.probe(probe)
            self.assertEqual(send(self.deployment.private_url(self.ids[0], variable), path).status, 200, probe)

    def test_where_none_is_ready_those_that_are_not_are_asked(self):
        self.deployment.publish(ready=[])
        self.addCleanup(self.deployment.publish, self.ids)
        with self.connect("/") as host:
            self.assertEqual(host.ask(CREATE)["type"], "created")


class OnCompose(Several, unittest.TestCase):
    platform = Compose()

    def test_rooms_outlive_an_update_of_all_at_once(self):
        hosts = [self.connect(f"/?instance={name}") for name in self.ids]
        codes = []
        for host in hosts:
            codes.append(host.ask(CREATE)["room"])
            host.send({"type": "set_state", "data": "kept"})
            # An echo: the state has arrived.
            self.assertEqual(host.ask({"type": "send", "to": 0, "data": 1})["data"], 1)
        self.deployment.drain(*self.ids)
        for host in hosts:
            with host:
                self.assertEqual(host.receive_close()[0], 1012)
        self.assertEqual([self.deployment.wait_for_end_of(name) for name in self.ids], [0] * len(self.ids))
        self.deployment.start_relays(*self.ids)
        for code in codes:
            self.assert_comes_back("host", f"/{code}", 0)


class AloneOnCompose(unittest.TestCase):
    def setUp(self):
        platform = Compose(profiles=())
        self.assertEqual(platform.ids, ["relay-1"])
        self.deployment = Deployment(platform, IDLE_TIMEOUT_SECONDS="0")
        self.addCleanup(self.deployment.end)
        self.deployment.start()

    def test_its_rooms_outlive_its_update(self):
        with WebSocket(self.deployment.url, "/") as host:
            code = host.ask(CREATE)["room"]
            self.deployment.drain("relay-1")
            self.assertEqual(host.receive_close()[0], 1012)
        self.assertEqual(self.deployment.wait_for_end_of("relay-1"), 0)
        self.deployment.start_relays("relay-1")
        with WebSocket(self.deployment.url, f"/{code}") as host:
            joined = host.ask({"type": "join", "clientId": "host", "room": code})
            self.assertEqual((joined["type"], joined["index"]), ("joined", 0))

    def test_caddy_leads_players_to_it_and_nobody_can_claim_another_s_address(self):
        caddy = self.deployment.start_caddy()
        with WebSocket(f"http://{caddy}", "/") as host:
            self.assertEqual(host.ask(CREATE)["type"], "created")
        self.assertEqual(address_of_one_who_claims_another(self, self.deployment, caddy), "127.5.5.5")

    def test_it_can_tell_that_a_code_is_unknown(self):
        self.assertEqual(send(self.deployment.url, "/room/1zzzzz").status, 404)


def address_of_one_who_claims_another(test, deployment, server):
    """The address that the edge has for a client of 127.5.5.5 who says that it is another's proxy."""
    connection = http.client.HTTPConnection(server, source_address=("127.5.5.5", 0), timeout=20)
    test.addCleanup(connection.close)
    connection.request("GET", "/room/mine", headers={"X-Forwarded-For": "192.0.2.66"})
    test.assertEqual(connection.getresponse().status, 404)
    test.assertTrue(eventually(lambda: any('"GET /room/mine ' in line for line in deployment.requests())))
    [line] = [line for line in deployment.requests() if '"GET /room/mine ' in line]
    return line.split()[1]


class ADeployment(unittest.TestCase):
    def setUp(self):
        self.deployment = Deployment(Compose(profiles=()))
        self.addCleanup(self.deployment.end)

    def test_a_part_that_ends_by_itself_is_not_waited_for_whatever_its_status(self):
        for status in ["0", "1"]:
            part = self.deployment.run("short", ["sh", "-c", f"exit {status}"])
            self.assertTrue(eventually(self.deployment.has_lost_a_part))
            self.deployment.parts.remove(part)
            part.stop(0)

    def test_one_that_was_told_to_end_may_have_ended(self):
        self.deployment.relays["relay-1"] = self.deployment.run("relay-1", ["sleep", "600"])
        self.assertFalse(self.deployment.has_lost_a_part())
        self.deployment.publish = lambda ready: None
        self.deployment.drain("relay-1")
        self.assertTrue(eventually(lambda: self.deployment.relays["relay-1"].end() is not None))
        self.assertFalse(self.deployment.has_lost_a_part())
