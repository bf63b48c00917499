"""Caddy and nginx as this folder configures them, really started, before a relay within its unit's bounds."""

import concurrent.futures
import contextlib
import re
import time
import unittest

from server import HERE, PROXIES
from support import RunningServer, documented, lives, value
from websocket import CREATE

# What a client may claim of itself.
CLAIMS = ["X-Forwarded-For", "X-Real-IP", "Fly-Client-IP"]


class Proxies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # With as few unknown codes as there can be: one a minute, and ten for an address of a private network.
        cls.running = RunningServer(PROXIES, settings="MISSES_PER_MINUTE=1\n")
        cls.addClassCleanup(cls.running.close)

    def test_what_the_relay_answers_arrives_and_metrics_do_not(self):
        for proxy in PROXIES:
            with self.subTest(proxy):
                self.assertEqual(self.running.get(proxy, "/health").text, '{"status":"ok"}')
                demo = self.running.get(proxy, "/demo")
                self.assertEqual((demo.status, demo.headers["Content-Type"]), (200, "text/html; charset=utf-8"))
                self.assertEqual(self.running.get(proxy, "/client.js").status, 200)
                self.assertEqual(self.running.get(proxy, "/metrics").status, 404)

    def test_plain_http_leads_to_https(self):
        for proxy in PROXIES:
            with self.subTest(proxy):
                reply = self.running.get_plainly(f"{proxy}-http", "/demo")
                self.assertIn(reply.status, [301, 308])
                self.assertRegex(reply.headers["Location"], r"^https://localhost(:\d+)?/demo$")

    def test_nginx_shows_what_certbot_proves_the_name_with(self):
        folder = self.running.server.folder / "html" / ".well-known" / "acme-challenge"
        folder.mkdir(parents=True)
        (folder / "token").write_text("proof")
        self.assertEqual(self.running.get_plainly("nginx-http", "/.well-known/acme-challenge/token").text, "proof")

    def test_large_messages_pass_both_ways(self):
        for proxy in PROXIES:
            with self.subTest(proxy), self.running.websocket(proxy) as host, self.running.websocket(proxy) as guest:
                code = host.ask(CREATE)["room"]
                guest.ask({"type": "join", "clientId": "guest", "room": code})
                host.receive()
                for size in [10, 60_000]:
                    for sender, receiver in [(host, guest), (guest, host)]:
                        sender.send({"type": "send", "data": "x" * size})
                        self.assertEqual(len(receiver.receive()["data"]), size)

    def test_each_client_has_its_own_limits_whatever_it_says_of_itself(self):
        for number, proxy in enumerate(PROXIES):
            with self.subTest(proxy):
                guesser, other = f"127.0.1.{number + 1}", f"127.0.2.{number + 1}"
                statuses = [self.guess(proxy, guesser, claim=f"203.0.113.{guess}") for guess in range(12)]
                self.assertEqual(statuses, [404] * 10 + [429] * 2)
                self.assertEqual(self.guess(proxy, other, claim=guesser), 404)
                # So it is for WebSockets.
                for source, error in [(guesser, "Too many attempts"), (other, "Room not found")]:
                    with self.running.websocket(proxy, source=source) as guest:
                        reply = guest.ask({"type": "join", "clientId": "guest", "room": "zzzzzz"})
                        self.assertEqual(reply["message"], error)

    def guess(self, proxy, source, claim):
        return self.running.get(proxy, "/room/zzzzzz", [(name, claim) for name in CLAIMS], source).status


class Restart(unittest.TestCase):
    def test_games_go_on_after_the_relay_was_stopped_and_started(self):
        running = RunningServer(PROXIES)
        self.addCleanup(running.close)
        games = {proxy: running.websocket(proxy) for proxy in PROXIES}
        codes = {}
        for proxy, host in games.items():
            codes[proxy] = host.ask(CREATE)["room"]
            host.send({"type": "set_state", "data": [proxy]})
            host.ask({"type": "ping", "t": 1})

        start = time.monotonic()
        self.assertEqual(running.server.stop_relay(), 0)
        # Whatever systemd would allow it: it waits for nobody.
        self.assertLess(time.monotonic() - start, 5)
        for host in games.values():
            with host:
                self.assertEqual(host.receive_close()[0], 1012)
        for proxy in PROXIES:
            self.assertEqual(running.get(proxy, "/health").status, 502)
        running.server.start_relay()

        for proxy, code in codes.items():
            with self.subTest(proxy), running.websocket(proxy, f"/{code}") as host:
                self.assertEqual(host.ask({"type": "join", "clientId": "host", "room": code})["index"], 0)
                self.assertEqual(host.receive(), {"type": "state", "data": [proxy]})
        restored = value("party_sockets_rooms_restored_total", running.get_plainly("metrics", "/metrics"))
        self.assertEqual(restored, len(PROXIES))


    def test_games_go_on_after_the_proxy_was_restarted(self):
        running = RunningServer(PROXIES)
        self.addCleanup(running.close)
        for proxy in PROXIES:
            with self.subTest(proxy):
                with running.websocket(proxy) as host:
                    code = host.ask(CREATE)["room"]
                    running.server.restart(proxy)
                with running.websocket(proxy, f"/{code}") as host:
                    self.assertEqual(host.ask({"type": "join", "clientId": "host", "room": code})["type"], "joined")


class Life(unittest.TestCase):
    """Of a WebSocket, in a third of the time: the relay's timeout and nginx's are both a third of what they are. With
    less, a computer that does much else would have no time to answer a ping."""

    def setUp(self):
        timeouts = re.findall(r"proxy_(?:read|send)_timeout +(\d+)s;", (HERE / "nginx.conf").read_text())
        [idle] = re.findall(r"\n\| `IDLE_TIMEOUT_SECONDS` \| (\d+) ", documented())
        self.assertEqual(len(timeouts), 2)
        self.proxy, self.idle = min(map(int, timeouts)) // 3, int(idle) // 3

    def start(self, idle):
        running = RunningServer(PROXIES, settings=f"IDLE_TIMEOUT_SECONDS={idle}\n", proxy_seconds=self.proxy)
        self.addCleanup(running.close)
        return running

    def test_clients_that_are_silent_or_only_send_outlive_the_proxys_timeout(self):
        running, without_pings = self.start(self.idle), self.start(0)
        seconds = self.proxy + self.idle
        with contextlib.ExitStack() as clients, concurrent.futures.ThreadPoolExecutor(2 * len(PROXIES) + 2) as threads:
            def waits(server, proxy, **options):
                client = clients.enter_context(server.websocket(proxy))
                client.ask(CREATE)
                return threads.submit(lives, client, seconds, **options)
            silent = {proxy: waits(running, proxy) for proxy in PROXIES}
            sending = {proxy: waits(running, proxy, says={"type": "send", "data": 1}) for proxy in PROXIES}
            # What the pings are for, and that this test would tell.
            unpinged = waits(without_pings, "nginx")
            mute = waits(running, "caddy", does_answer_pings=False)
            for proxy in PROXIES:
                self.assertTrue(silent[proxy].result(), proxy)
                self.assertTrue(sending[proxy].result(), proxy)
            self.assertFalse(unpinged.result())
            self.assertFalse(mute.result())
