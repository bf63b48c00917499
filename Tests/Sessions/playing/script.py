"""Scripts of sessions: who connects where, who sends what, who goes how."""

import pathlib
import re
from typing import NamedTuple

WAYS = ("original", "asked", "mixed")
ASKS = re.compile(r'^((?:binary )?\{"type":"(?:create|join)")')


class Step(NamedTuple):
    actor: str
    verb: str
    rest: str

    def __str__(self):
        return " ".join(filter(None, self))

    def asking(self):
        """The same step of a client that asks for what is newer than the original protocol."""
        return self._replace(rest=ASKS.sub(r'\1,"v":3', self.rest)) if self.verb == "sends" else self


class Script(NamedTuple):
    name: str
    # What it shows, as lines.
    title: list
    # The ways in which it is played.
    ways: tuple
    # Of the relay.
    environment: dict
    steps: list

    @property
    def clients(self):
        """Those that hear something of others, in the order in which they appear."""
        return list(dict.fromkeys(step.actor for step in self.steps if step.verb == "connects"))

    def played_by(self, asks):
        """The script as it is where `asks` says of each client whether it asks."""
        return self._replace(steps=[step.asking() if asks(step.actor) else step for step in self.steps])


def read(path):
    title, ways, environment, steps = [], (), {}, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line:
            continue
        actor, _, rest = line.partition(" ")
        if actor == "#":
            title.append(line)
        elif actor == "played":
            ways = tuple(re.split(r", ?", rest))
            if not set(ways) <= set(WAYS):
                raise ValueError(f"{path.name}:{number}: played {rest}? There are {', '.join(WAYS)}")
        elif line.startswith("relay with "):
            environment = dict(pair.split("=", 1) for pair in rest.removeprefix("with ").split(" "))
        else:
            verb, _, rest = rest.partition(" ")
            steps.append(Step(actor, verb, rest))
    if not title or not ways:
        raise ValueError(f"{path.name} does not say what it shows, or how it is played")
    return Script(path.stem, title, ways, environment, steps)


def read_all(folder):
    return [read(path) for path in sorted(pathlib.Path(folder).glob("*.session"))]
