"""What members cost who say nothing."""

import time
import unittest

from browsers import Browsers
from members import create, join
from relays import Relay
from times import Times

PLAYERS = 8
SECONDS = 12


class Liveness(unittest.TestCase):
    def test_idle_players_send_less_than_two_messages_a_second_together(self):
        relay = Relay()
        self.addCleanup(relay.close)
        devices = [Browsers.context(), Browsers.context()]
        for device in devices:
            self.addCleanup(device.close)
        host = create(devices[0], relay.url, maxClients=PLAYERS + 1)
        join(devices[1], relay.url, host.get("code"), count=PLAYERS)
        host.wait("peer", PLAYERS)
        before, since = relay.count("party_sockets_messages_received_total"), time.monotonic()
        time.sleep(SECONDS)
        received = relay.count("party_sockets_messages_received_total") - before
        rate = received / (time.monotonic() - since)
        Times.tell(f"messages a second each way for the liveness of a screen and {PLAYERS} players", round(rate, 2))
        self.assertGreater(received, 0, "a silent connection is asked whether it lives")
        self.assertLess(rate, 4)


if __name__ == "__main__":
    unittest.main()
