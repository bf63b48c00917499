"""The programs of requirements.txt, which are installed when the first is asked for."""

import functools
import hashlib
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = HERE.parent / ".venv"


@functools.cache
def installed():
    """The folder of the programs."""
    requirements = HERE / "requirements.txt"
    stamp = ENVIRONMENT / "installed"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        pip = [str(ENVIRONMENT / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", str(requirements)], check=True)
        stamp.write_text(digest)
    return ENVIRONMENT / "bin"


def compose(*arguments, **environment):
    """What Docker Compose says, or why it does not. Without the settings of whoever runs the checks."""
    # The package's own command hides the status.
    [program] = installed().parent.glob("lib/python*/site-packages/compose/docker-compose")
    return run(program, "--env-file", "/dev/null", *arguments, env=environment)


def kustomize(folder):
    return run(installed() / "kubectl", "kustomize", str(folder))


def validate(path, version):
    """The problems that the schemas of a version of Kubernetes have with a file."""
    return run(installed() / "kubernetes-validate", "--strict", "--kubernetes-version", version, str(path))


def run(program, *arguments, env=None):
    """The exit status, the output, and what was said besides."""
    done = subprocess.run([program, *arguments], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr
