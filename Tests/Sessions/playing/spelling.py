"""How bytes are written in scripts and transcripts: readable, on one line, and exactly.

- `<40 of x>` is a run of one character; transcripts write every run of 40 and more so.
- `\\u{9}` is a character that does not print, or a space at an end of the text.
- `<room>`, `<id>`, `<ticket>` stand for what differs each time: the first room code that is seen, drawn clientId, and
  ticket; `<room-2>` for the second one. `<a minute>` is what is left of one.
"""

import re

LONG_RUN = 40
RUN = re.compile(r"<(\d+) of (\\u\{[0-9a-f]+\}|.)>")
ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
NAME = re.compile(r"<((?:room|id|ticket)(?:-\d+)?)>")

# What is left of a minute's wait is a minute, however slow the machine.
MINUTE = re.compile(rb'(?i)(retry-?after"?: ?)(?:60|5\d)\b')

# Where a value that differs each time is first seen.
FIRST_SIGHTS = {
    "room": re.compile(rb'^\{"type":"created","room":"(\w{6})"'),
    "id": re.compile(rb'"clientId":"([0-9a-f]{32})"'),
    "ticket": re.compile(rb'"ticket":"([0-9a-f]{32})"'),
}


def spelled(data):
    """Bytes as a line of a transcript has them."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return f"hex {data.hex(' ')}"
    shown = "".join(character if character.isprintable() else escaped(character) for character in text)
    shown = re.sub(r"(\\u\{[0-9a-f]+\}|.)\1{%d,}" % (LONG_RUN - 1), run_of, shown)
    if shown.startswith(" "):
        shown = escaped(" ") + shown[1:]
    if shown.endswith(" "):
        shown = shown[:-1] + escaped(" ")
    return shown


def escaped(character):
    return f"\\u{{{ord(character):x}}}"


def run_of(match):
    return f"<{len(match[0]) // len(match[1])} of {match[1]}>"


class Names:
    """The values of one session that differ each time, and the names that stand for them."""

    def __init__(self):
        self.values = {}

    def learn(self, data):
        for kind, pattern in FIRST_SIGHTS.items():
            for value in pattern.findall(data):
                if value not in self.values.values():
                    count = sum(name == kind or name.startswith(f"{kind}-") for name in self.values) + 1
                    self.values[kind if count == 1 else f"{kind}-{count}"] = value

    def hide(self, data):
        for name, value in self.values.items():
            data = data.replace(value, f"<{name}>".encode())
        return MINUTE.sub(rb"\1<a minute>", data)

    def meant(self, text):
        """The bytes that a line of a script stands for."""
        text = RUN.sub(lambda match: ESCAPE.sub(character, match[2]) * int(match[1]), text)
        text = ESCAPE.sub(character, text)
        return NAME.sub(self.value, text).encode()

    def value(self, match):
        if match[1] not in self.values:
            raise ValueError(f"nothing has been called {match[0]} yet")
        return self.values[match[1]].decode()


def character(match):
    return chr(int(match[1], 16))
