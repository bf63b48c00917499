"""What hosts may do to their guests, and what becomes of a seat."""

import unittest

from browsers import Browsers
from members import Refused, create, exchange, join
from relays import Relay


class Rights(unittest.TestCase):
    def setUp(self):
        self.relay = Relay()
        self.addCleanup(self.relay.close)
        self.host = create(self.device(), self.relay.url, maxClients=4, hold=30)
        self.code = self.host.get("code")

    def device(self):
        context = Browsers.context()
        self.addCleanup(context.close)
        return context

    def refusal(self, **options):
        with self.assertRaises(Refused) as refused:
            join(self.device(), self.relay.url, self.code, **options)
        return refused.exception

    def closing(self, members):
        return [members.wait("closed")[0]["event"][name] for name in ["code", "final"]]

    def test_messages_reach_all_one_or_several(self):
        guests = join(self.device(), self.relay.url, self.code, count=3)
        self.host.wait("peer", 3)
        slots = guests.page.evaluate("party.rooms.map((room) => room.index)")
        self.host.call("send", "all")
        self.host.call("send", "one", slots[0])
        self.host.call("send", "two", slots[1:])
        guests.wait("message", 6)
        got = sorted((event["number"], event["event"]["data"]) for event in guests.events("message"))
        self.assertEqual(got, [(0, "all"), (0, "one"), (1, "all"), (1, "two"), (2, "all"), (2, "two")])

    def test_a_late_guest_has_the_state(self):
        self.host.call("setState", {"level": 3, "text": "große Stadt 🏙"})
        self.host.page.wait_for_timeout(100)
        guest = join(self.device(), self.relay.url, self.code)
        guest.wait("state")
        self.assertEqual(guest.said("state"), [{"level": 3, "text": "große Stadt 🏙"}])

    def test_a_guest_who_is_kicked(self):
        device = self.device()
        guest = join(device, self.relay.url, self.code)
        self.host.wait("peer")
        self.host.call("kick", guest.get("index"))
        self.assertEqual(self.closing(guest), ["kicked", True])
        self.assertEqual(self.host.wait("gone")[0]["event"]["reason"], "kicked")
        # Its seat is still its own.
        again = join(device, self.relay.url, self.code, page=guest.page)
        self.assertEqual(again.get("index"), 1)

    def test_a_guest_who_is_banned(self):
        device = self.device()
        guest = join(device, self.relay.url, self.code)
        self.host.call("kick", guest.get("index"), {"ban": True})
        self.assertEqual(self.closing(guest), ["kicked", True])
        with self.assertRaises(Refused) as refused:
            join(device, self.relay.url, self.code, page=guest.page)
        self.assertEqual((refused.exception.code, refused.exception.final), ("not_allowed", True))

    def test_a_locked_room(self):
        device = self.device()
        guest = join(device, self.relay.url, self.code)
        self.host.call("lock", True)
        exchange(self.host, guest)
        self.assertEqual(self.refusal().code, "room_locked")
        again = join(device, self.relay.url, self.code, page=guest.page)
        self.assertEqual(again.get("index"), 1, "who has a seat comes back")
        self.host.call("lock", False)
        exchange(self.host, again)
        self.assertEqual(join(self.device(), self.relay.url, self.code).get("index"), 2)

    def test_a_ticket_moves_a_seat(self):
        guest = join(self.device(), self.relay.url, self.code)
        self.host.wait("peer")
        ticket = self.host.call("ticket", 1)
        other = self.device()
        moved = join(other, self.relay.url, self.code, ticket=ticket)
        self.assertEqual(moved.get("index"), 1)
        self.assertEqual(self.closing(guest), ["replaced", False])
        self.assertEqual(self.host.wait("replaced")[0]["event"]["index"], 1)
        exchange(self.host, moved)
        again = join(other, self.relay.url, self.code, page=moved.page, ticket=ticket)
        self.assertEqual(again.get("index"), 1, "after a reload the same link works")
        self.assertEqual(self.refusal(ticket=ticket).code, "ticket_invalid")
        self.assertEqual(self.refusal(ticket="0" * 32).code, "ticket_invalid")

    def test_a_full_room(self):
        guests = join(self.device(), self.relay.url, self.code, count=3)
        refused = self.refusal()
        self.assertEqual((refused.code, refused.final), ("room_full", False))
        guests.call("leave")
        self.host.wait("gone")
        self.assertEqual(join(self.device(), self.relay.url, self.code).get("index"), 4)

    def test_a_room_that_is_closed(self):
        guests = join(self.device(), self.relay.url, self.code, count=2)
        self.host.call("close")
        guests.wait("closed")
        for closed in [*guests.said("closed"), *self.host.said("closed")]:
            self.assertEqual((closed["code"], closed["final"]), ("room_closed", True))
        self.assertEqual(self.refusal().code, "room_not_found")

    def test_a_second_tab_takes_the_seat_and_the_first_can_take_it_back(self):
        device = self.device()
        first = join(device, self.relay.url, self.code)
        second = join(device, self.relay.url, self.code)
        self.assertEqual(second.get("index"), 1)
        self.assertEqual(self.closing(first), ["replaced", False])
        first.call("reconnect")
        first.wait("reconnected")
        self.assertEqual(self.closing(second), ["replaced", False])
        exchange(self.host, first)

    def test_a_reload_of_the_host_and_of_a_guest(self):
        device = self.host.page.context
        self.host.call("setState", "kept")
        guest = join(self.device(), self.relay.url, self.code)
        guest.wait("state")
        host = create(device, self.relay.url, page=self.host.page, maxClients=4, resume=True)
        self.assertEqual((host.get("code"), host.get("index"), host.get("resumed")), (self.code, 0, True))
        host.wait("state")
        again = join(guest.page.context, self.relay.url, self.code, page=guest.page)
        self.assertEqual((again.get("index"), again.wait("state")[0]["event"]), (1, "kept"))
        exchange(host, again)

    def test_an_unknown_code(self):
        self.code = "111111"
        refused = self.refusal()
        self.assertEqual((refused.code, refused.final), ("room_not_found", True))


if __name__ == "__main__":
    unittest.main()
