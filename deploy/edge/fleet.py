"""The machines that an edge may send players to, what is known of each, and the names that follow from it."""

import enum
import ipaddress
import re
from typing import NamedTuple

# The machines in one TXT record: dnsmasq reads 1,024 bytes of a line.
RECORD = 40
# The siblings in one answer for players who leave a machine.
SIBLINGS = 16


class FleetError(Exception):
    """The list of machines is not one; the text is for the person who wrote it."""


class Machine(NamedTuple):
    """One line of the list."""

    id: str
    region: str
    address: str
    port: int

    @property
    def endpoint(self):
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def read_fleet(text):
    """The machines of a list. Empty lines, and what follows a `#`, mean nothing."""
    machines = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#")[0].split()
        if words:
            try:
                machines.append(read_machine(words))
            except ValueError as error:
                raise FleetError(f"line {number}: {error}") from None
    # To a DNS, ids that differ only in their case are one name.
    for listed in [[machine.id.lower() for machine in machines], [machine.endpoint for machine in machines]]:
        for value in {each for each in listed if listed.count(each) > 1}:
            raise FleetError(f"{value} is there twice")
    if not machines:
        raise FleetError("no machine is listed")
    return machines


def read_machine(words):
    if len(words) != 3:
        raise ValueError("a machine is written as: id region address:port")
    identity, region, endpoint = words
    if not re.fullmatch("[A-Za-z0-9-]{1,63}", identity):
        raise ValueError(f"{identity} is no id: letters, digits and hyphens, 63 at most")
    if not re.fullmatch("[a-z]{3}", region):
        raise ValueError(f"{region} is no region: three small letters")
    address, _, port = endpoint.rpartition(":")
    if address.startswith("[") and address.endswith("]"):
        address = str(ipaddress.IPv6Address(address[1:-1]))
    else:
        address = str(ipaddress.IPv4Address(address))
    if not (re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65_536):
        raise ValueError(f"{port} is no port")
    return Machine(identity, region, address, int(port))


class Heard(enum.Enum):
    """What became of one question to a machine."""

    READY = enum.auto()
    NOT_READY = enum.auto()
    REFUSAL = enum.auto()
    NOTHING = enum.auto()

    @classmethod
    def of_status_line(cls, line):
        """A relay that drains or is full answers 503; one that knows no such page is a relay all the same."""
        match = re.match(rb"HTTP/1\.[01] ([1-5][0-9][0-9])[ \r\n]", line)
        if not match:
            return cls.NOTHING
        return cls.NOT_READY if match[1] == b"503" else cls.READY


class State(enum.Enum):
    """What is known of a machine, in words for the log."""

    UNKNOWN = "not heard of yet"
    UP = "takes players"
    LEAVING = "drains or is full: takes no new players"
    # Costs an edge nothing, which tries the next one, and is back the moment it listens: an update takes no longer.
    RESTARTING = "refuses connections"
    SILENT = "is silent: gets no new players"


class Health(NamedTuple):
    """What is known of a machine, and how often in a row it has been heard like this."""

    state: State = State.UNKNOWN
    heard: Heard | None = None
    times: int = 0

    # One answer may be lost.
    UNANSWERED = 2
    # Whoever refuses connections for so long is no restart.
    REFUSED = 30

    def after(self, heard):
        times = self.times + 1 if heard is self.heard else 1
        return Health(self._state(heard, times), heard, times)

    def _state(self, heard, times):
        match heard:
            case Heard.READY:
                return State.UP
            case Heard.NOT_READY:
                return State.LEAVING
            case Heard.REFUSAL:
                return State.SILENT if times > self.REFUSED else State.RESTARTING
            case Heard.NOTHING:
                return State.SILENT if times >= self.UNANSWERED else self.state


def hosts(fleet, states, app):
    """Every machine with its names, as /etc/hosts has them: its own, whatever is known of it, since its rooms are found
    by that; and those of its region, of the app, and of whoever may follow it, as long as it takes players."""
    if not set(states.values()) - {State.UNKNOWN, State.SILENT}:
        # Then it is rather we who are cut off.
        states = dict.fromkeys(fleet, State.UP)
    regions = {}
    for machine in fleet:
        regions.setdefault(machine.region, []).append(machine)
    serving = {machine for ring in regions.values() for machine in serving_players(ring, states)}
    anywhere = set(serving_players(fleet, states))

    def names(machine):
        yield f"{machine.id}.vm.{app}.internal"
        if machine in serving:
            yield f"{machine.region}.{app}.internal"
        if takes_newcomers(states[machine]):
            for other in followed[machine]:
                yield f"{other.id}.siblings.{app}.internal"
            for region in sorted(regions):
                if region != machine.region:
                    yield f"{region}.elsewhere.{app}.internal"
        if machine in anywhere:
            yield f"{app}.internal"

    followed = {machine: [] for machine in fleet}
    for ring in regions.values():
        for machine in ring:
            for sibling in followers(machine, ring, states):
                followed[sibling].append(machine)
    return "".join(" ".join([machine.address, *names(machine)]) + "\n" for machine in fleet)


def takes_newcomers(state):
    return state in (State.UP, State.RESTARTING)


def serving_players(machines, states):
    """Those that take newcomers; where none does, those that still have games, and let players in to them."""
    if not any(states[machine] is State.UP for machine in machines):
        return [machine for machine in machines if takes_newcomers(states[machine]) or states[machine] is State.LEAVING]
    return [machine for machine in machines if takes_newcomers(states[machine])]


def followers(machine, ring, states):
    """The machines for players who have to leave this one: all others that take them, or in a large region the next."""
    place = ring.index(machine)
    return [each for each in ring[place + 1:] + ring[:place] if takes_newcomers(states[each])][:SIBLINGS]


def vms_conf(fleet, app):
    """The list of machines for dnsmasq's configuration. Each record is a list of its own."""
    return "".join(txt_record(fleet[start:start + RECORD], app) for start in range(0, len(fleet), RECORD))


def txt_record(machines, app):
    listed = ",".join(f"{machine.id} {machine.region}" for machine in machines)
    # A character string holds 255 bytes at most. Readers join those of a record, so their boundaries mean nothing.
    strings = ",".join(f'"{listed[start:start + 255]}"' for start in range(0, len(listed), 255))
    return f"txt-record=vms.{app}.internal,{strings}\n"


def edge_machines_conf(fleet):
    """The machine at each address, which the edges name in `fly-replay-src`."""
    return "".join(f'"{machine.endpoint}" "instance={machine.id};region={machine.region}";\n' for machine in fleet)
