"""The demo, played in Chromium: a big screen and phones, in one room."""

import re
import signal
import subprocess
import tempfile
import unittest

from browsers import LAN_NAME, Browsers
from network import Network
from relays import Relay
from support import eventually

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SCREEN = {"viewport": {"width": 1280, "height": 800}}
# What a page says about its connection is not there for long.
NOTE_OUTAGES = """
window.outages = [];
document.addEventListener("DOMContentLoaded", () => {
    const line = document.getElementById("outage");
    if (line) new MutationObserver(() => outages.push(line.textContent)).observe(line, { childList: true });
});
"""
# What the page's connection sends from now on has one text in place of another.
REPLACE_SENT = """([text, other]) => {
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) { send.call(this, data.replace(text, other)); };
}"""
COUNT_WAKE_LOCKS = """() => {
    window.locks = 0;
    Object.defineProperty(navigator, "wakeLock", { value: { request: async () => locks++ } });
}"""


class Demo(unittest.TestCase):
    environment = {}

    def setUp(self):
        self.relay = Relay(REGION="fra", **self.environment)
        self.addCleanup(self.relay.close)
        self.network = Network(self.relay.port)
        self.addCleanup(self.network.close)
        self.url = f"http://{LAN_NAME}:{self.network.port}/demo"
        self.problems = []
        self.addCleanup(lambda: self.assertEqual(self.problems, []))
        self.screen = self.open(self.url, **SCREEN)
        self.screen.wait_for_selector("#screen:visible")
        self.code = self.screen.text_content("#code")
        self.link = self.screen.get_attribute("#join-link", "href")

    def open(self, url, **options):
        """The page on a device of its own; what it reports as an error fails the test."""
        context = Browsers.context(**options)
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self.note)
        page.add_init_script(NOTE_OUTAGES)
        page.goto(url)
        return page

    def note(self, message):
        # Chromium reports connections that fail, which is what some tests are about.
        if message.type == "error" and not message.text.startswith("WebSocket connection to"):
            self.problems.append(message.text)

    def phone(self, name=None, url=None):
        page = self.open(url or self.link, **PHONE)
        page.wait_for_selector("#pad:visible")
        if name:
            page.click("#me")
            page.fill("#name", name)
            page.click("#naming .main")
            self.screen.wait_for_selector(f"#seats .name:text-is('{name}')")
        return page

    def await_seats(self, count, screen=None):
        seats = (screen or self.screen).locator("#seats li")
        self.assertTrue(eventually(lambda: seats.count() == count))

    def start(self, phone):
        phone.click("#go")
        self.screen.wait_for_selector("#clock:text-matches('^[01]:[0-5]')")

    def score(self, name):
        row = self.screen.locator("#seats li", has_text=name).locator(".score")
        return float(row.text_content().split()[0])

    def read_picture(self, page, selector):
        """What a scanner reads from a screenshot of this element."""
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            page.locator(selector).screenshot(path=file.name)
            return subprocess.run(
                ["zbarimg", "--quiet", "--raw", file.name], capture_output=True, text=True).stdout.strip()



class Playing(Demo):
    def test_the_picture_leads_a_phone_into_the_room(self):
        for size, scheme in [((1280, 800), "dark"), ((1920, 1080), "light"), ((390, 844), "dark")]:
            self.screen.set_viewport_size({"width": size[0], "height": size[1]})
            self.screen.emulate_media(color_scheme=scheme)
            self.assertEqual(self.read_picture(self.screen, "#join-qr"), self.link)
        self.assertEqual(self.link, f"{self.url}?room={self.code}")
        phone = self.phone()
        self.screen.wait_for_selector("#seats li")
        phone.wait_for_selector("#me:has-text('Player 1')")

    def test_thumbs_and_keys_steer_comets(self):
        thumb, keys = self.phone("Ann"), self.phone("Bob")
        self.start(thumb)
        before = {name: self.score(name) for name in ["Ann", "Bob"]}
        box = thumb.locator("#stick").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        thumb.mouse.move(x, y)
        thumb.mouse.down()
        for step, (dx, dy) in enumerate([(90, 0), (0, 90), (-90, 0), (0, -90)]):
            thumb.mouse.move(x + dx, y + dy)
            keys.keyboard.down(["d", "s", "a", "w"][step])
            self.screen.wait_for_timeout(500)
            keys.keyboard.up(["d", "s", "a", "w"][step])
        thumb.mouse.up()
        for name in ["Ann", "Bob"]:
            self.assertGreater(self.score(name), before[name] + 0.2)

    def test_a_phone_that_comes_late_and_one_that_is_reloaded_see_the_round(self):
        ann = self.phone("Ann")
        self.start(ann)
        ann.wait_for_selector("#place:has-text('Place')")
        late = self.phone()
        late.wait_for_selector("#place:has-text('Place')")
        self.assertRegex(late.text_content("#go"), r"^\d+ s$")
        ann.reload()
        ann.wait_for_selector("#me:has-text('Ann')")
        ann.wait_for_selector("#place:has-text('Place')")
        self.assertEqual(self.screen.locator("#seats li").count(), 2)

    def test_a_screen_that_is_reloaded_goes_on_with_the_round(self):
        ann, bob = self.phone("Ann"), self.phone("Bob")
        self.start(ann)
        ann.keyboard.down("ArrowRight")
        self.screen.wait_for_timeout(1_500)
        ann.keyboard.up("ArrowRight")
        before = self.score("Ann")
        self.assertGreater(before, 0.5)
        self.screen.reload()
        self.screen.wait_for_selector("#seats .name:text-is('Ann')")
        self.assertEqual(self.screen.text_content("#code"), self.code)
        # The snapshot is a moment older than what was last shown.
        self.assertGreater(self.score("Ann"), before / 2)
        self.assertRegex(self.screen.text_content("#clock"), r"^0:\d\d$")
        bob.wait_for_selector("#outage:has-text('The big screen is back')")

    def test_state_is_sent_only_while_something_changes(self):
        ann = self.phone("Ann")
        self.screen.wait_for_timeout(500)
        before = self.relay.count("party_sockets_messages_received_total")
        self.screen.wait_for_timeout(3_000)
        self.assertLess(self.relay.count("party_sockets_messages_received_total") - before, 5)
        ann.keyboard.down("ArrowRight")
        self.screen.wait_for_timeout(1_000)
        self.assertLess(self.relay.count("party_sockets_messages_received_total") - before, 10)

    def test_a_cheer_reaches_everybody(self):
        ann, bob = self.phone("Ann"), self.phone("Bob")
        self.screen.wait_for_timeout(300)
        ann.click(".cheer >> nth=0")
        bob.wait_for_selector("#hint:has-text('👏')")

    def test_a_phone_shows_no_cheers_but_those_that_there_are(self):
        ann, bob = self.phone("Ann"), self.phone("Bob")
        bob.evaluate("""() => {
            window.hints = [];
            const hint = document.getElementById("hint");
            new MutationObserver(() => hints.push(hint.textContent)).observe(hint, { childList: true });
        }""")
        ann.evaluate("""async (code) => {
            const { joinRoom } = await import("/client.js");
            const other = await joinRoom({ code, storage: null });
            if (other.state?.players.length !== 3) {
                await new Promise((resolve) => other.on("state", ({ players }) => players.length === 3 && resolve()));
            }
            for (const cheer of ["", "x", "👏👏", 1, null, ["👏"], "💥"]) other.send({ cheer });
        }""", self.code)
        bob.wait_for_selector("#hint:has-text('💥')")
        self.assertEqual([hint.split()[-1] for hint in bob.evaluate("hints")], ["💥"])

    def test_the_relay_is_described(self):
        phone = self.phone()
        for page, place in [(self.screen, "#screen-link"), (phone, "#pad-link")]:
            page.wait_for_selector(f"{place}:has-text('ms to the relay')")
            self.assertIn("region FRA", page.text_content(place))


class Hosting(Demo):
    def test_a_seat_moves_to_the_phone_that_scans_its_picture(self):
        ann = self.phone("Ann")
        self.screen.click("#seats button:text('Move')")
        self.screen.wait_for_selector("#moving[open]")
        link = self.read_picture(self.screen, "#ticket-qr")
        self.assertRegex(link, rf"^{re.escape(self.link)}#[0-9a-f]{{32}}$")
        other = self.phone(url=link)
        other.wait_for_selector("#me:has-text('Ann')")
        ann.wait_for_selector("#notice:has-text('You play elsewhere now')")
        self.assertEqual(other.url, self.link, "the ticket is gone from the address")
        self.screen.wait_for_selector("#headline:has-text('Ann plays on another device')")
        self.assertFalse(self.screen.locator("#moving").get_attribute("open"))
        third = self.open(link, **PHONE)
        third.wait_for_selector("#notice:has-text('This link is used up')")

    def test_a_phone_is_kicked(self):
        ann = self.phone("Ann")
        self.screen.click("#seats button:text('Kick')")
        ann.wait_for_selector("#notice:has-text('You are out')")
        self.await_seats(0)

    def test_the_room_is_locked_and_opened_again(self):
        self.screen.click("#lock")
        self.screen.wait_for_selector("#lock[aria-pressed=true]")
        late = self.open(self.link, **PHONE)
        late.wait_for_selector("#notice:has-text('The room is locked')")
        self.screen.click("#lock")
        self.screen.wait_for_selector("#lock[aria-pressed=false]")
        late.click("#notice button.main")
        late.wait_for_selector("#pad:visible")

    def test_the_game_is_ended(self):
        ann = self.phone("Ann")
        self.screen.click("#end")
        for page in [ann, self.screen]:
            page.wait_for_selector("#notice:has-text('The game is over')")
        self.screen.click("#notice button.main")
        self.screen.wait_for_selector("#screen:visible")
        self.assertNotEqual(self.screen.text_content("#code"), self.code)

    def test_nine_phones_are_one_too_many(self):
        for _ in range(8):
            self.phone()
        ninth = self.open(self.link, **PHONE)
        ninth.wait_for_selector("#notice:has-text('The room is full')")
        self.await_seats(8)
        for width, height in [(1280, 800), (1920, 1080)]:
            self.screen.set_viewport_size({"width": width, "height": height})
            last = self.screen.locator("#seats li").last.bounding_box()
            self.assertLessEqual(last["y"] + last["height"], self.screen.locator("#start").bounding_box()["y"])


class Failing(Demo):
    environment = {"ROOMS_FILE": "{folder}/rooms"}

    def test_a_connection_that_breaks_is_told_on_both_sides(self):
        ann = self.phone("Ann")
        self.relay.end()
        self.relay.start()
        for page, said in [
            (self.screen, ["This screen has lost its connection. It is coming back by itself …", "Connected again"]),
            # Who is back before the screen waits for that, too.
            (ann, ["This phone has lost its connection. It is coming back by itself …", "Connected again|The big screen is back"]),
        ]:
            for pattern in said:
                self.assertTrue(eventually(lambda: any(re.match(pattern, text) for text in page.evaluate("outages"))), pattern)
        self.screen.wait_for_selector("#seats li:not(.away)")

    def test_a_phone_that_goes_and_comes_back(self):
        ann = self.phone("Ann")
        address = ann.url
        ann.goto("about:blank")
        self.screen.wait_for_selector("#seats li.away")
        self.screen.wait_for_selector("#headline:has-text('the seat is kept')")
        ann.goto(address)
        self.screen.wait_for_selector("#headline:has-text('Ann is back')")
        self.assertEqual(self.screen.locator("#seats li.away").count(), 0)

    def test_a_phone_that_is_away_is_told_nothing(self):
        ann, bob = self.phone("Ann"), self.phone("Bob")
        self.start(bob)
        ann.goto("about:blank")
        self.screen.wait_for_selector("#seats li.away")
        warnings = []
        self.screen.on("console", lambda message: message.type == "warning" and warnings.append(message.text))
        # All comets start in the middle, and all stars appear there.
        self.screen.add_init_script("Math.random = () => 0.5")
        self.screen.reload()
        self.screen.wait_for_selector("#seats li.away")
        bob.keyboard.down("ArrowUp")
        before = self.score("Ann")
        self.assertTrue(eventually(lambda: self.score("Ann") > before + 0.5), "no star has splashed")
        self.screen.wait_for_timeout(300)
        self.assertEqual(warnings, [])

    def test_a_relay_that_has_lost_the_room(self):
        ann = self.phone("Ann")
        self.relay.restart(signal.SIGKILL)
        ann.wait_for_selector("#notice:has-text('No such room')")
        self.screen.wait_for_selector("#notice:has-text('The room is gone')")

    def test_a_screen_that_is_away(self):
        ann = self.phone("Ann")
        self.screen.goto("about:blank")
        ann.wait_for_selector("#outage:has-text('The big screen has lost its connection')")

    def test_an_unknown_code_leads_to_the_door(self):
        for code in ["111111", "%20"]:
            lost = self.open(f"{self.url}?room={code}", **PHONE)
            lost.wait_for_selector("#notice:has-text('No such room')")
            lost.click("#notice button.main")
            lost.fill("#door-code", self.code)
            lost.click("#door-form button")
            lost.wait_for_selector("#pad:visible")

    def test_what_the_relay_refuses_is_told_in_its_words(self):
        self.screen.evaluate(REPLACE_SENT, ['"maxClients":9', '"maxClients":-9'])
        self.screen.click("#end")
        self.screen.wait_for_selector("#notice:has-text('The game is over')")
        self.screen.click("#notice button.main")
        self.screen.wait_for_selector("#notice:has-text('maxClients must be a positive number')")
        self.assertNotIn("does not answer", self.screen.text_content("#notice"))

    def test_a_relay_that_does_not_answer(self):
        self.screen.click("#end")
        self.screen.wait_for_selector("#notice:has-text('The game is over')")
        self.relay.end(signal.SIGKILL)
        self.screen.click("#notice button.main")
        self.screen.wait_for_selector("#notice:has-text('The relay does not answer')")

    def test_a_seat_that_cannot_move(self):
        ann = self.phone("Ann")
        self.screen.evaluate(REPLACE_SENT, ['"type":"ticket","index":1', '"type":"ticket","index":7'])
        self.screen.click("#seats button:text('Move')")
        self.screen.wait_for_selector("#headline:has-text('The seat of Ann cannot be moved at the moment')")
        self.assertTrue(self.screen.locator("#outage").is_hidden())

    def test_a_pad_that_is_opened_again_and_again_asks_once_to_stay_awake(self):
        pad = self.phone()
        pad.evaluate(COUNT_WAKE_LOCKS)
        for _ in range(3):
            other = pad.context.new_page()
            other.goto(self.link)
            pad.click("#notice button:text('Play on here')")
            pad.wait_for_selector("#pad:visible")
            other.close()
        pad.evaluate("locks = 0; document.dispatchEvent(new Event('visibilitychange'))")
        self.assertEqual(pad.evaluate("locks"), 1)

    def test_a_small_device_without_a_code_is_asked(self):
        phone = self.open(self.url, **PHONE)
        phone.wait_for_selector("#door:visible")
        phone.click("#door-screen")
        phone.wait_for_selector("#screen:visible")
        self.assertNotEqual(phone.text_content("#code"), self.code)

    def test_an_address_that_phones_cannot_reach(self):
        screen = self.open(f"http://localhost:{self.network.port}/demo", **SCREEN)
        screen.wait_for_selector("#local-only:has-text('Phones cannot reach localhost')")
        self.assertTrue(self.screen.locator("#local-only").is_hidden())
        link = screen.get_attribute("#join-link", "href")
        first = self.open(link)
        second = first.context.new_page()
        second.goto(link)
        self.await_seats(2, screen)
        second.wait_for_selector("#me:has-text('Player 2')")
        second.reload()
        second.wait_for_selector("#me:has-text('Player 2')")
        screen.wait_for_selector("#headline:has-text('Player 2 is back')")
        self.assertEqual(screen.locator("#seats li").count(), 2)


del Demo

if __name__ == "__main__":
    unittest.main()
