"""The pages that READMEs show, pasted as they are, but for the addresses."""

import functools
import http.server
import pathlib
import re
import tempfile
import threading
import unittest

from browsers import LAN_NAME, ROOT, SOURCES, Browsers
from network import Network
from relays import Relay


def shown(readme):
    return re.findall(r"```html\n(.*?)```", readme.read_text(), re.DOTALL)


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Shown(unittest.TestCase):
    def setUp(self):
        self.relay = Relay()
        self.addCleanup(self.relay.close)
        self.network = Network(self.relay.port)
        self.addCleanup(self.network.close)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        handler = functools.partial(QuietFiles, directory=self.folder.name)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.site = f"http://{LAN_NAME}:{self.server.server_port}"
        self.problems, self.said = [], []

    def save(self, name, page):
        for there, here in [
                ("192.168.1.20", LAN_NAME), (":3000", f":{self.network.port}"), (":8000", f":{self.server.server_port}")]:
            page = page.replace(there, here)
        pathlib.Path(self.folder.name, name).write_text(page)

    def open(self, url):
        context = Browsers.context()
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.said.append(message.text))
        page.goto(url)
        return page

    def test_the_game_of_the_readme(self):
        [game] = shown(ROOT / "README.md")
        self.assertLessEqual(len(game.splitlines()), 20)
        self.save("game.html", game)
        screen = self.open(f"{self.site}/game.html")
        screen.wait_for_selector("pre:has-text('{}')")
        self.assertTrue(screen.locator("button").is_hidden())
        link = screen.text_content("pre").splitlines()[0]
        ann, bob = self.open(link), self.open(link)
        for phone, presses in [(ann, 2), (bob, 1)]:
            phone.wait_for_selector("pre:has-text('{')")
            for _ in range(presses):
                phone.click("button")
        for page in [screen, ann, bob]:
            page.wait_for_selector("""pre:has-text('{"1":2,"2":1}')""")
        # The discard port, where nothing listens.
        self.network.lead_to(9)
        self.network.reset()
        for page in [screen, ann]:
            page.wait_for_selector("pre:has-text('coming back')")
        self.network.lead_to(self.relay.port)
        for page in [screen, ann, bob]:
            page.wait_for_selector("""pre:has-text('{"1":2,"2":1}')""")
        screen.reload()
        screen.wait_for_selector("""pre:has-text('{"1":2,"2":1}')""")
        bob.click("button")
        ann.wait_for_selector("""pre:has-text('{"1":2,"2":2}')""")
        self.assertEqual(self.problems, [])

    def test_the_pages_of_the_client_s_readme(self):
        screen, pad, *_ = shown(SOURCES / "party-sockets-js/README.md")
        self.save("index.html", screen)
        self.save("pad.html", pad)
        screen = self.open(self.site)
        screen.wait_for_selector("#code:has-text('pad.html')")
        phone = self.open(screen.text_content("#code").split()[0])
        for text, act in [("level 1", lambda: None), ("player 1 pressed A", lambda: phone.click("button"))]:
            self.wait_until_said(phone, text, act)
        self.assertEqual(self.problems, [])

    def wait_until_said(self, page, text, act):
        for _ in range(150):
            act()
            if text in self.said:
                return
            page.wait_for_timeout(100)
        self.fail(f"nobody has said {text!r}: {self.said}")
