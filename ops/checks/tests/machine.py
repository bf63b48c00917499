"""A machine on which `ops/setup` can be run: its commands are stand-ins that write down how they were called."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]

# What the script uses of every system.
TOOLS = ["bash", "sh", "cat", "sed", "sort", "head", "dirname", "env", "tee", "chmod", "rm"]

SCRIPT = (REPOSITORY / "ops/setup").read_text()

# Each command that it looks for, with the service of its package, if that has one.
NEEDED = dict(re.findall(r"^ *need (\S+) \S+(?: (\S+))?$", SCRIPT, re.MULTILINE))
SERVERS = {command: service for command, service in NEEDED.items() if service}

APT = """case "$*" in *install*)
    for service in $SERVICES ssh; do
        ! [ -e "$SBIN/policy-rc.d" ] || "$SBIN/policy-rc.d" --quiet $service start || echo "$service is not started" >>"$LOG"
    done
esac"""


class Machine:
    """By default a Linux with everything, and a user who may become root."""

    def __init__(self, swift="6.3.1", system="Linux", user=1000, lacks=(), answers=None):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.log = self.folder / "log"
        self.log.touch()
        for name in ("bin", "sbin", "clone/ops", "clone/LiveTests"):
            (self.folder / name).mkdir(parents=True)
        for name in TOOLS:
            (self.folder / "bin" / name).symlink_to(shutil.which(name))
        commands = {name: "" for name in NEEDED}
        commands |= {
            "uname": f"echo {system}", "id": f"echo {user}", "sudo": 'exec "$@"', "apt-get": APT, "systemctl": "",
            "swift": f'[ "$1" != --version ] || echo "Swift version {swift} (swift-{swift}-RELEASE)"',
        } | (answers or {})
        for name, text in commands.items():
            if name not in lacks:
                self.add(name, text)
        # Its own place for what belongs to the system's administrator.
        for path in ("/usr/sbin", ":/sbin"):
            assert path in SCRIPT
        script = SCRIPT.replace("/usr/sbin", str(self.folder / "sbin")).replace(":/sbin", "")
        (self.folder / "clone/ops/setup").write_text(script)
        for manifest in ("Package.swift", "LiveTests/Package.swift"):
            shutil.copy(REPOSITORY / manifest, self.folder / "clone" / manifest)

    def add(self, name, text):
        file = self.folder / "bin" / name
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>"$LOG"\n{text}\n')
        file.chmod(0o755)

    def setup(self, *options):
        """Runs it, and tells its status, its output and errors, and the calls that change the machine."""
        environment = {
            "PATH": str(self.folder / "bin"), "LOG": str(self.log), "SBIN": str(self.folder / "sbin"),
            "BIN": str(self.folder / "bin"),
            "SERVICES": " ".join(SERVERS.values()),
        }
        done = subprocess.run(
            [self.folder / "bin/bash", self.folder / "clone/ops/setup", *options], env=environment, cwd="/",
            capture_output=True, text=True, timeout=60)
        changes = [
            line for line in self.log.read_text().splitlines()
            if line.startswith(("sudo ", "apt-get ", "systemctl ")) or line.endswith("is not started")
        ]
        return done.returncode, done.stdout, done.stderr, changes

    def leftovers(self):
        return os.listdir(self.folder / "sbin")

    def remove(self):
        shutil.rmtree(self.folder)
