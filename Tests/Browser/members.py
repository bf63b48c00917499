"""Members of rooms: the client library in a page, its events written down with the time of each."""

import time

EVENTS = [
    "message", "state", "peer", "back", "away", "gone", "replaced", "disconnected", "reconnected", "moved", "error",
    "unreadable", "closed"]

ENTER = """async ({ make, options, count, names }) => {
    const client = await import("/client.js");
    const enter = async (number) => {
        // Of several in one page none may find the secret of another.
        const room = await client[make]({ ...(count > 1 && { storage: null }), ...options });
        const plain = (event) => event instanceof Error
            ? { code: event.code, final: event.final, retryAfter: event.retryAfter, closeCode: event.closeCode } : event;
        for (const name of names) {
            room.on(name, (event) => party.events.push({ name, number, at: Date.now() / 1000, event: plain(event) }));
        }
        return room;
    };
    window.party = { rooms: [], events: [] };
    try {
        party.rooms = await Promise.all(Array.from({ length: count }, (_, number) => enter(number)));
    } catch (error) {
        return { code: error.code, final: error.final, retryAfter: error.retryAfter };
    }
}"""


class Refused(Exception):
    """createRoom or joinRoom has failed."""

    def __init__(self, error):
        super().__init__(error["code"])
        self.code, self.final, self.retry_after = error["code"], error["final"], error.get("retryAfter")


class Members:
    """One or several members of a room, in one page."""

    def __init__(self, context, url, make, count=1, page=None, **options):
        self.page = page or context.new_page()
        # Any page of the relay's origin will do, and this one has no scripts of its own.
        self.page.goto(f"{url}/health")
        self.count = count
        error = self.page.evaluate(ENTER, {"make": make, "options": options, "count": count, "names": EVENTS})
        if error:
            raise Refused(error)

    def get(self, property, number=0):
        return self.page.evaluate("([number, name]) => party.rooms[number][name]", [number, property])

    def call(self, method, *arguments, number=0):
        return self.page.evaluate(
            "([number, method, values]) => party.rooms[number][method](...values)", [number, method, list(arguments)])

    def events(self, *names):
        """All events of these names so far, or all of any name."""
        return [event for event in self.page.evaluate("party.events") if not names or event["name"] in names]

    def said(self, name):
        """What came with the events of this name."""
        return [event.get("event") for event in self.events(name)]

    def forget(self):
        self.page.evaluate("() => void party.events.splice(0)")

    def wait(self, name, count=None, seconds=30):
        """Waits until so many such events have come since the last `forget`: one for each member if not said; returns
        them."""
        wanted = count or self.count
        self.page.wait_for_function(
            "([name, wanted]) => party.events.filter((event) => event.name === name).length >= wanted", arg=[name, wanted],
            timeout=seconds * 1000, polling=20)
        return self.events(name)

    def open(self):
        """The connections that are open."""
        return self.page.evaluate("party.rooms.filter((room) => room.connection === 'open').length")


def create(context, url, page=None, **options):
    return Members(context, url, "createRoom", page=page, **options)


def join(context, url, code, count=1, page=None, **options):
    return Members(context, url, "joinRoom", count=count, page=page, code=code, **options)


def exchange(host, guests):
    """Fails unless messages reach the host from all guests, and all guests from the host."""
    mark = time.time()
    for number in range(guests.count):
        guests.call("send", {"from": number, "mark": mark}, 0, number=number)
    host.call("send", {"mark": mark})
    for members, wanted in [(host, guests.count), (guests, guests.count)]:
        members.page.wait_for_function(
            """([mark, wanted]) => party.events.filter(
                ({ name, event }) => name === "message" && event.data?.mark === mark).length === wanted""",
            arg=[mark, wanted], timeout=10_000, polling=20)
