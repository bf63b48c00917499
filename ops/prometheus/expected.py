"""The value that each expression of the dashboard must have under the load, by its panel and legend."""

from load import ENVIRONMENT, GAME
from server import is_number

MACHINE = ("region", "instance")
VERSIONED = ("region", "instance", "version")
# The tolerance of a rate: a scrape comes up to a second early or late, and on a busy machine events do too.
SHARE, ABSOLUTE = 0.15, 0.15
PER_MACHINE = "{{region}} {{instance}}"


class Expected:
    """The labels of an expression's series, and a value or a range for each; `rest` if none is given."""

    def __init__(self, labels, values, rest=0.0, exact=False, complete=False):
        self.labels, self.values, self.rest, self.exact, self.complete = labels, values, rest, exact, complete

    def faults(self, series):
        if not series:
            yield "no data"
        keys = [tuple(metric.get(label) for label in self.labels) for metric, _ in series]
        for (metric, value), key in zip(series, keys):
            if set(metric) != set(self.labels):
                yield f"labels {metric}, expected {self.labels}"
            elif not self.holds(value, self.values.get(key, self.rest)):
                yield f"{key}: {value}, expected {self.values.get(key, self.rest)}"
        for key in set(self.values) - set(keys):
            yield f"{key}: none, expected {self.values[key]}"
        if self.complete and set(keys) != set(self.values):
            yield f"{sorted(keys)}, expected {sorted(self.values)}"

    def holds(self, value, expected):
        if expected is None:
            return True
        if isinstance(expected, tuple):
            return is_number(value) and expected[0] <= value <= expected[1]
        margin = 0 if self.exact else SHARE * expected + ABSOLUTE
        return is_number(value) and abs(value - expected) <= margin


class View:
    """The load as a Prometheus with its own names for the machines must see it, at one moment."""

    WINDOW = 20

    def __init__(self, load, names, moment, region=None):
        """`names` are region, instance and version of each machine, as labels."""
        self.load, self.names, self.moment = load, names, moment
        self.machines = [machine for machine in load.machines if region in [None, names[machine]["region"]]]

    def group(self, labels, values):
        groups = {}
        for (machine, label), value in values.items():
            if machine in self.machines:
                key = tuple(self.names[machine].get(name, label) for name in labels)
                groups[key] = groups.get(key, 0) + value
        return groups

    def key(self, machine, labels=MACHINE):
        return tuple(self.names[machine][label] for label in labels)

    def is_by_machine(self, labels):
        return set(labels) <= set(VERSIONED)

    def level(self, labels, values):
        """A gauge, exactly: by machine, or by machine and label."""
        values = {key if isinstance(key, tuple) else (key, ""): value for key, value in values.items()}
        groups = self.group(labels, values)
        return Expected(labels, groups, exact=True, complete=self.is_by_machine(labels))

    def rate(self, labels, name):
        values = {(machine, ""): 0.0 for machine in self.machines} if self.is_by_machine(labels) else {}
        values |= self.load.ledger.rates(name, self.moment, self.WINDOW)
        return Expected(labels, self.group(labels, values), complete=self.is_by_machine(labels))

    def between(self, labels, low, high, idle=None):
        """By machine. Without events it may be anything, or what `idle` says."""
        values = {}
        for machine in self.machines:
            values[self.key(machine, labels)] = (low, high) if machine is not self.load.d or not labels else idle
        return Expected(labels, values, complete=True)

    def every(self, labels, low, high):
        return self.between(labels, low, high, idle=(low, high))

    def of_machines(self, value):
        return {machine: value(machine) for machine in self.load.machines}

    def rooms(self):
        return self.of_machines(lambda machine: len(self.load.rooms[machine]))

    def clients(self):
        return self.of_machines(self.load.clients)

    def states(self):
        return {(machine, state): count for machine in self.load.machines for state, count in [
            ("member", self.load.clients(machine)), ("unseated", 1), ("parked", 0), ("closing", 0)]}


def states(view):
    expected = view.level(("state",), view.states())
    # The connections of the scrapers.
    expected.values[("http",)] = (1, 100)
    return expected


def slow(low, high, elsewhere=0):
    """The value on the machine with a slow reader; on the other machines up to `elsewhere`."""
    def expect(view):
        expected = view.every(MACHINE, 0, elsewhere)
        expected.values[view.key(view.load.a)] = (low, high)
        return expected
    return expect


def siblings(view):
    # Only a machine that has searched knows its siblings.
    expected = view.every(MACHINE, 0, 1)
    expected.values[view.key(view.load.a)] = (1, 1)
    return expected


def sends_per_delivery(view):
    expected = view.between(MACHINE, 0.01, 2)
    # Without deliveries there is none.
    del expected.values[view.key(view.load.d)]
    return expected


def queries(view):
    # One for the list and one for each address, again every 5 s.
    return Expected(("result",), {("answered",): (0.05, 5)})


def every_bucket(view):
    total = sum(view.load.ledger.rates("messages_received", view.moment, view.WINDOW).values())
    # All at the last bound, and no more at each bound before.
    return Expected(("le",), {("+Inf",): total}, rest=(0, total * (1 + SHARE) + ABSOLUTE))


def limits_exceeded(view):
    totals = sum(view.load.ledger.totals("limits", until=view.moment).values())
    return Expected((), {(): totals})


def rate(labels, name):
    return lambda view: view.rate(labels, name)


def level(labels, values):
    return lambda view: view.level(labels, values(view))


def every(labels, low, high):
    return lambda view: view.every(labels, low, high)


def active(labels, low, high):
    return lambda view: view.between(labels, low, high)


def usage(labels, value, share, slack=0, least=None):
    """The kernel's figure, with a tolerance; or anything from `least` to that."""
    def expect(view):
        said = {machine: value(view, machine) for machine in view.machines}
        return Expected(labels, {view.key(machine, labels): (
            each * (1 - share) - slack if least is None else least, each * (1 + share) + slack)
            for machine, each in said.items()}, complete=True)
    return expect


def processor(view, machine):
    return view.load.usage.processor_rate(machine, view.moment, view.WINDOW)


def resident(view, machine):
    return view.load.usage.resident(machine)


def open_files(view, machine):
    return view.load.usage.open_files_share(machine)


# The times of relaying depend on this machine: any time in the histogram is right.
TIME = (1e-6, 1)
EXPECTED = {
    ("Rooms", "Rooms"): level((), View.rooms),
    ("Clients", "Clients"): level((), View.clients),
    ("Messages in", "Messages in"): rate((), "messages_received"),
    ("Deliveries", "Deliveries"): rate((), "deliveries"),
    ("Relay time p99", "Relay time p99"): active((), *TIME),
    ("Errors", "Errors"): rate((), "errors"),
    ("Limits exceeded", "Limits exceeded"): limits_exceeded,
    ("Machines", "Machines"): level((), lambda view: view.of_machines(lambda _: 1)),
    ("Clients by region", "{{region}}"): level(("region",), View.clients),
    ("Messages and deliveries", "messages in"): rate((), "messages_received"),
    ("Messages and deliveries", "deliveries"): rate((), "deliveries"),
    ("Relay time", "p50"): active((), *TIME),
    ("Relay time", "p99"): active((), *TIME),
    ("Machines now", "A"): level(VERSIONED, View.rooms),
    ("Machines now", "B"): level(VERSIONED, View.clients),
    ("Machines now", "C"): rate(VERSIONED, "messages_received"),
    ("Machines now", "D"): every(VERSIONED, 15, 3600),
    ("Machines now", "E"): usage(VERSIONED, resident, 0.3),
    ("Machines now", "F"): level(VERSIONED, lambda view: view.of_machines(lambda _: 0)),
    ("Origins now", "A"): level(("origin",), lambda view: {
        (machine, GAME): rooms for machine, rooms in view.rooms().items()}),
    ("Origins now", "B"): level(("origin",), lambda view: {
        (machine, GAME): clients for machine, clients in view.clients().items()}),

    ("Clients by machine", "{{instance}}"): level(MACHINE, View.clients),
    ("Rooms by machine", "{{instance}}"): level(MACHINE, View.rooms),
    ("Messages in by machine", "{{instance}}"): rate(MACHINE, "messages_received"),
    ("Deliveries by machine", "{{instance}}"): rate(MACHINE, "deliveries"),
    ("Relay time p99 by machine", "{{instance}}"): active(MACHINE, *TIME),
    ("Trouble by machine", "{{instance}} errors"): rate(MACHINE, "errors"),
    ("Trouble by machine", "{{instance}} limits"): rate(MACHINE, "limits"),
    ("Trouble by machine", "{{instance}} bad requests"): rate(MACHINE, "bad_requests"),

    ("Connections by state", "{{state}}"): states,
    ("WebSockets opened by origin", "{{origin}}"): rate(("origin",), "connections"),
    ("Joins by kind", "{{kind}}"): rate(("kind",), "joins"),
    ("Rooms created", "{{region}}"): rate(("region",), "rooms_created"),
    ("Closes by code", "{{code}}"): rate(("code",), "closes"),
    ("Errors by kind", "{{error}}"): rate(("error",), "errors"),
    ("Traffic", "read"): active((), 1_000, 1e9),
    ("Traffic", "written"): active((), 1_000, 1e9),
    ("Sends per delivery", PER_MACHINE): sends_per_delivery,
    ("Silent and malformed", "idle drops"): rate((), "idle_drops"),
    ("Silent and malformed", "bad requests"): rate((), "bad_requests"),
    ("Silent and malformed", "refused: {{reason}}"): rate(("reason",), "handshakes_refused"),

    ("Replays by kind", "{{kind}}"): rate(("kind",), "replays"),
    ("Replay fallbacks", PER_MACHINE): rate(MACHINE, "replay_fallbacks"),
    ("Lookups by result", "{{result}}"): rate(("result",), "sibling_lookups"),
    ("Lookup time", "p50"): active((), 1e-6, 4),
    ("Lookup time", "p99"): active((), 1e-6, 4),
    ("Probes by result", "{{result}}"): rate(("result",), "sibling_probes"),
    ("DNS queries by result", "{{result}}"): queries,
    ("Siblings", PER_MACHINE): siblings,
    ("Suspect siblings", PER_MACHINE): level(MACHINE, lambda view: view.of_machines(lambda _: 0)),

    ("Dormant rooms", PER_MACHINE): level(MACHINE, lambda view: view.of_machines(lambda _: 0)),
    ("Rooms handed over by result", "{{result}}"): rate(("result",), "rooms_handed_over"),
    ("Rooms received by result", "{{result}}"): rate(("result",), "rooms_received"),
    ("Rooms restored and given up", "restored"): rate((), "rooms_restored"),
    ("Rooms restored and given up", "{{reason}}"): rate(("reason",), "rooms_expired"),
    # With one sibling the first question is the right one.
    ("First questions right", "first question"): rate((), "room_lookups_first_right"),
    ("First questions right", "all found"): rate((), "room_lookups_first_right"),
    ("Unknown answers", PER_MACHINE): rate(MACHINE, "unknown_answers"),

    ("Limits exceeded by limit", "{{limit}}"): rate(("limit",), "limits"),
    ("Slow readers", PER_MACHINE): slow(1, 1),
    ("Queued output", PER_MACHINE): slow(4 << 20, 41 << 20),
    ("Buffers of their bound", PER_MACHINE): slow(4 / 96, 0.5, elsewhere=0.01),
    ("Buffers of their bound", PER_MACHINE + " rooms"): every(MACHINE, 0, 0.01),
    ("WebSockets of their bound", PER_MACHINE): level(MACHINE, lambda view: view.of_machines(
        lambda machine: view.load.web_sockets(machine) / int(ENVIRONMENT["MAX_CONNECTIONS"]))),
    ("Rooms of their bound", PER_MACHINE): level(MACHINE, lambda view: view.of_machines(
        lambda machine: len(view.load.rooms[machine]) / int(ENVIRONMENT["MAX_ROOMS"]))),

    ("CPU", PER_MACHINE): usage(MACHINE, processor, 0.5, slack=0.03),
    ("Memory", PER_MACHINE + " resident"): usage(MACHINE, resident, 0.3),
    ("Memory", PER_MACHINE + " heap"): usage(MACHINE, resident, 0.3, least=1 << 16),
    # One scrape more or less at that moment.
    ("Open files of their bound", PER_MACHINE): usage(MACHINE, open_files, 0.3),
    ("Turn time p99", PER_MACHINE): every(MACHINE, *TIME),
    ("Relay times", "{{le}}"): every_bucket,
    ("Restarts", PER_MACHINE): level(MACHINE, lambda view: view.of_machines(lambda _: 0)),
    ("Draining", PER_MACHINE): level(MACHINE, lambda view: view.of_machines(lambda _: 0)),
}
