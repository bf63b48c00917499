"""One Chromium for all tests, and its pages."""

import os
import pathlib
import re
import shutil

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "Sources"
# A name as a phone finds it in a local network: by it, a page is no secure context.
LAN_NAME = "party.lan"


class Browsers:
    """Starts Chromium when the first page is asked for."""

    # Whether the page and the client are those of the working tree, in place of those that the relay was built with.
    from_tree = False
    playwright = chromium = None

    @classmethod
    def context(cls, **options):
        """A device of its own: it shares no storage with others."""
        if not cls.chromium:
            cls.playwright = sync_playwright().start()
            flags = [f"--host-resolver-rules=MAP {LAN_NAME} 127.0.0.1"]
            if cls.from_tree:
                # A page that no server sent counts as one of the internet, which may not connect to this machine.
                flags.append("--disable-features=LocalNetworkAccessChecks")
            if os.getuid() == 0:
                flags.append("--no-sandbox")
            cls.chromium = cls.playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("chromium-browser"), args=flags)
        context = cls.chromium.new_context(**options)
        if cls.from_tree:
            serve_tree(context)
        return context

    @classmethod
    def close(cls):
        if cls.chromium:
            cls.chromium.close()
            cls.playwright.stop()


def serve_tree(context):
    for path, file, kind in [
        ("/client.js", SOURCES / "party-sockets-js/client.js", "text/javascript"),
        ("/demo", SOURCES / "demo/index.html", "text/html; charset=utf-8"),
    ]:
        context.route(re.compile(rf"^https?://[^/]+{re.escape(path)}([?#]|$)"), answer(file, kind))


def answer(file, kind):
    return lambda route: route.fulfill(body=file.read_text(), content_type=kind)
