"""How a connection can end, and what the client makes of it."""

import signal
import time
import unittest

from browsers import Browsers
from members import create, exchange, join
from network import Network
from relays import Relay
from times import Times

PLAYERS = 8


class Ends(unittest.TestCase):
    """A host and eight guests, each page on a device of its own, with a network between them and the relay."""

    environment = {}

    def setUp(self):
        self.relay = Relay(**self.environment)
        self.addCleanup(self.relay.close)
        self.network = Network(self.relay.port)
        self.addCleanup(self.network.close)
        self.url = f"http://127.0.0.1:{self.network.port}"
        self.devices = [Browsers.context(), Browsers.context()]
        for device in self.devices:
            self.addCleanup(device.close)
        self.host = create(self.devices[0], self.url, maxClients=PLAYERS + 2, hold=60)
        self.code = self.host.get("code")
        self.guests = join(self.devices[1], self.url, self.code, count=PLAYERS)
        self.host.wait("peer", PLAYERS)
        self.slots = self.guests.page.evaluate("party.rooms.map((room) => room.index)")
        for members in [self.host, self.guests]:
            members.forget()

    def expect_all_back(self, what, since, seconds=30):
        """All are back in their slots, and everything works; notes how long that took."""
        for members in [self.host, self.guests]:
            back = members.wait("reconnected", seconds=seconds)
            Times.note(what, [event["at"] - since for event in back])
        self.assertEqual(self.guests.page.evaluate("party.rooms.map((room) => room.index)"), self.slots)
        self.host.page.wait_for_function("(count) => party.rooms[0].peers.length === count", arg=PLAYERS)
        exchange(self.host, self.guests)
        self.assertEqual(self.host.said("closed") + self.guests.said("closed"), [])


class Restarts(Ends):
    environment = {"ROOMS_FILE": "{folder}/rooms", "EMPTY_GRACE_SECONDS": "60"}

    def test_a_relay_that_keeps_its_rooms_is_restarted(self):
        self.host.call("setState", {"round": 7})
        self.guests.wait("state")
        self.relay.restart()
        self.expect_all_back("relay restarted with ROOMS_FILE, from its return on", time.time())
        self.assertEqual(self.host.said("disconnected")[0]["code"], 1012)
        self.assertEqual(self.guests.get("state"), {"round": 7})

    def test_a_relay_that_is_killed_has_no_rooms_any_more(self):
        self.relay.restart(signal.SIGKILL)
        for members in [self.host, self.guests]:
            for closed in members.wait("closed"):
                self.assertEqual((closed["event"]["code"], closed["event"]["final"]), ("room_not_found", True))
        self.assertEqual(self.host.get("connection"), "closed")


class Networks(Ends):
    def test_a_network_that_is_cut_for_long_and_mended(self):
        self.network.cut()
        for members in [self.host, self.guests]:
            for lost in members.wait("disconnected"):
                self.assertEqual(lost["event"]["code"], 1006)
        since = time.time()
        self.network.mend()
        self.expect_all_back("network cut until all had noticed, from its mending on", since)

    def test_a_cut_of_two_seconds_is_not_noticed(self):
        self.network.cut()
        time.sleep(2)
        for number in range(PLAYERS):
            self.guests.call("send", {"mark": "cut", "from": number}, number=number)
        since = time.time()
        self.network.mend()
        arrived = self.host.wait("message", PLAYERS)
        Times.note("network cut for 2 s, first messages after its mending", [event["at"] - since for event in arrived])
        self.assertEqual(self.host.said("disconnected") + self.guests.said("disconnected"), [])

    def test_a_connection_that_is_silent_for_ever(self):
        since = time.time()
        self.network.forget()
        self.expect_all_back("silent connection, from its last byte on", since)

    def test_a_connection_that_breaks(self):
        since = time.time()
        self.network.reset()
        self.expect_all_back("connection reset", since)

    def test_a_browser_that_is_offline_is_back_at_once_when_it_is_online(self):
        # Chromium leaves open WebSockets alone then, so the network takes them.
        self.devices[1].set_offline(True)
        self.network.reset()
        self.guests.wait("disconnected")
        time.sleep(3)
        since = time.time()
        self.devices[1].set_offline(False)
        back = self.guests.wait("reconnected")
        Times.note("device online again", [event["at"] - since for event in back])
        self.assertLess(max(event["at"] for event in back) - since, 3)

    def test_a_slow_link_is_no_dead_one(self):
        self.network.delay, self.network.rate = 0.3, 4_000
        # The largest state: four seconds to the relay, and as many to each guest, in which nothing else comes through.
        self.host.call("setState", "x" * 16_000)
        self.guests.wait("state", seconds=60)
        exchange(self.host, self.guests)
        self.assertEqual(self.host.said("disconnected") + self.guests.said("disconnected"), [])
        late = join(self.devices[1], self.url, self.code)
        exchange(self.host, late)


class Drains(Ends):
    environment = {"DRAIN_SECONDS": "1"}

    def test_a_drain_that_ends_a_room(self):
        self.relay.process.send_signal(signal.SIGTERM)
        for members in [self.host, self.guests]:
            for lost in members.wait("disconnected"):
                self.assertEqual(lost["event"]["code"], 1012)
        self.relay.process.wait(30)
        self.relay.start()
        for members in [self.host, self.guests]:
            for closed in members.wait("closed"):
                self.assertEqual(closed["event"]["code"], "room_not_found")


class Attention(Ends):
    def test_a_page_that_slept_while_its_connection_died(self):
        session = self.guests.page.context.new_cdp_session(self.guests.page)
        session.send("Page.setWebLifecycleState", {"state": "frozen"})
        self.network.forget()
        time.sleep(8)
        since = time.time()
        session.send("Page.setWebLifecycleState", {"state": "active"})
        self.expect_all_guests_back("page awake again, its connection dead", since)

    def test_a_tab_that_is_shown_again_asks_at_once(self):
        self.show(False)
        self.network.forget()
        time.sleep(7)
        self.assertEqual(self.guests.said("disconnected"), [], "a hidden tab lets its connection be")
        since = time.time()
        self.show(True)
        self.expect_all_guests_back("tab shown again, its connection dead", since)

    def test_a_tab_that_is_hidden_for_a_moment_loses_nothing(self):
        self.show(False)
        self.host.call("send", {"mark": "hidden"})
        self.guests.wait("message")
        self.show(True)
        exchange(self.host, self.guests)
        self.assertEqual(self.guests.said("disconnected"), [])

    def show(self, is_shown):
        """Headless tabs are never hidden, so the page is told that it is."""
        self.guests.page.evaluate(
            """(isShown) => {
                Object.defineProperty(document, "hidden", { value: !isShown, configurable: true });
                document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
            }""", is_shown)

    def expect_all_guests_back(self, what, since):
        back = self.guests.wait("reconnected")
        Times.note(what, [event["at"] - since for event in back])
        self.assertEqual(self.guests.page.evaluate("party.rooms.map((room) => room.index)"), self.slots)
