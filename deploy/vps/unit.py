"""The service unit, as far as a process can be started by it without systemd."""

import pathlib
import re
import shlex
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


class Unit:
    """The settings of its sections; a setting that is given more than once has several values."""

    def __init__(self, text=None):
        self.settings = {}
        section = None
        for line in (text if text is not None else (HERE / "party-sockets.service").read_text()).splitlines():
            line = line.strip()
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith(("#", ";")):
                name, value = line.split("=", 1)
                self.settings.setdefault((section, name.strip()), []).append(value.strip())

    def all(self, name, section="Service"):
        return self.settings.get((section, name), [])

    def one(self, name, section="Service"):
        [value] = self.all(name, section)
        return value

    def is_on(self, name):
        return self.all(name)[-1:] in (["yes"], ["true"], ["on"], ["1"], ["strict"])

    def environment(self, file=""):
        """The variables, and those of its environment file if it has one, which go before them."""
        assignments = [part for value in self.all("Environment") for part in shlex.split(value)]
        if self.all("EnvironmentFile"):
            assignments += [
                part for line in file.splitlines() if not line.startswith("#") for part in shlex.split(line)]
        return dict(assignment.split("=", 1) for assignment in assignments)

    def address_families(self):
        return {family for value in self.all("RestrictAddressFamilies") for family in value.split()}

    def system_calls(self, groups):
        """The names of the system calls that its filter allows."""
        allowed = set(groups["@default"])
        for value in self.all("SystemCallFilter"):
            calls = {call for word in value.lstrip("~").split() for call in groups.get(word, [word])}
            allowed = allowed - calls if value.startswith("~") else allowed | calls
        return allowed


def system_call_groups():
    """systemd's sets of system calls, each with those of the sets that it names."""
    text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], check=True, capture_output=True,
                          text=True).stdout
    members = {}
    for line in text.splitlines():
        if re.match(r"@[\w-]+", line):
            calls = members.setdefault(line.strip(), [])
        elif line.strip() and not line.strip().startswith("#"):
            # What precedes the first set, or follows the last, is no set's.
            if line.startswith(" "):
                calls.append(line.strip())
            else:
                calls = []

    def expanded(name):
        return {call for member in members[name]
                for call in (expanded(member) if member in members else [member])}
    return {name: expanded(name) for name in members}
