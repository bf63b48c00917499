"""One server: the relay as its unit says, behind the proxies that this folder configures."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

from sandbox import Sandbox
from unit import HERE, Unit

sys.path.append(str(HERE.parent / "local"))
from processes import Failure, Part, Signals, Stopped, adopt_orphans, program, run_to_end  # noqa: E402, F401

PROXIES = ["caddy", "nginx"]
# A name that leads to this machine wherever it is.
NAME = "localhost"
# Seconds until a part must listen, and until one that was asked to end is killed.
START_DEADLINE, STOP_DEADLINE = 20, 5


class Certificates:
    """An authority, and what it has signed for this server's name."""

    def __init__(self, folder):
        self.authority, self.chain, self.key = (folder / name for name in ["ca.pem", "chain.pem", "key.pem"])
        self._make("/CN=Authority of a trial", self.authority, folder / "ca.key")
        self._make(f"/CN={NAME}", self.chain, self.key, "-CA", self.authority, "-CAkey", folder / "ca.key",
                   "-addext", f"subjectAltName=DNS:{NAME}", "-addext", "basicConstraints=critical,CA:FALSE")

    def _make(self, subject, certificate, key, *options):
        made = subprocess.run(
            [program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", subject, "-keyout", key, "-out", certificate, *options],
            capture_output=True, text=True)
        if made.returncode != 0:
            raise Failure(f"openssl makes no certificate: {made.stderr}")


class Server:
    """The relay, and proxies on ports of loopback of their own.

    The files are used as they are, but for ports, the name, and places that are not this program's. `settings` are
    those of `/etc/party-sockets.env`; `proxy_seconds` replaces nginx's timeouts.
    """

    def __init__(self, binary, folder, settings="", proxy_seconds=None):
        self.folder = folder
        # The relay and nginx's workers are other users.
        folder.chmod(0o755)
        self.settings, self.proxy_seconds = settings, proxy_seconds
        self.unit = Unit()
        self.sandbox = Sandbox(self.unit, binary, folder / "state")
        self.certificates = Certificates(folder)
        self.ports = free_ports(["relay", "metrics", *PROXIES, *(f"{proxy}-http" for proxy in PROXIES)])
        self.parts = {}

    def start(self, proxies):
        self.start_relay()
        for proxy in proxies:
            self._start_proxy(proxy)

    def restart(self, proxy):
        part = self.parts.pop(proxy)
        part.signal(signal.SIGTERM)
        part.stop(time.monotonic() + STOP_DEADLINE)
        self._start_proxy(proxy)

    def start_relay(self):
        """As `systemctl start` would."""
        ports = {"PORT": self.ports["relay"], "METRICS_PORT": self.ports["metrics"]}
        file = "".join(f"{name}={port}\n" for name, port in ports.items() if name in self.unit.environment())
        file += self.settings
        self._start("relay", self.ports["relay"], [self.sandbox.program], env=self.sandbox.environment(file),
                    enter=self.sandbox.enter)

    def stop_relay(self):
        """As `systemctl stop` would; returns how it ended."""
        relay = self.parts.pop("relay")
        relay.signal(getattr(signal, self.unit.one("KillSignal")))
        relay.stop(time.monotonic() + int(self.unit.one("TimeoutStopSec")))
        return relay.process.returncode

    def url(self, proxy):
        return f"https://{NAME}:{self.ports[proxy]}"

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()

    def check(self):
        for part in self.parts.values():
            if part.end() is not None:
                raise Failure(part.story())

    def stop(self):
        for part in self.parts.values():
            part.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_DEADLINE
        while self.parts:
            self.parts.popitem()[1].stop(deadline)

    def _start(self, name, port, command, **options):
        part = self.parts[name] = Part(name, self.folder / f"{name}.log", command, cwd=self.folder, **options)
        deadline = time.monotonic() + START_DEADLINE
        while not is_open(port):
            if part.end() is not None or time.monotonic() > deadline:
                raise Failure(part.story())
            Signals.pause(0.02)

    def _start_proxy(self, proxy):
        command = getattr(self, f"_{proxy}")()
        # Certificates and the like are kept below the home folder.
        self._start(proxy, self.ports[proxy], command, env=os.environ | {"HOME": str(self.folder)})

    def _adapted(self, file, replacements):
        text = (HERE / file).read_text()
        for there, here in [("relay.example.com", NAME), ("127.0.0.1:3000", f"127.0.0.1:{self.ports['relay']}"),
                            *replacements]:
            assert there in text, f"{file} has no longer: {there}"
            text = text.replace(there, str(here))
        return text

    def _caddy(self):
        site = self._adapted("Caddyfile", [
            ("reverse_proxy", f"tls {self.certificates.chain} {self.certificates.key}\n\treverse_proxy")])
        configuration = self.folder / "Caddyfile"
        configuration.write_text(f"""\
{{
	admin off
	default_bind 127.0.0.1
	http_port {self.ports["caddy-http"]}
	https_port {self.ports["caddy"]}
	skip_install_trust
}}
{site}""")
        return [program("caddy"), "run", "--config", configuration, "--adapter", "caddyfile"]

    def _nginx(self):
        timeouts = [("_timeout  45s", f"_timeout {self.proxy_seconds}s")] if self.proxy_seconds else []
        site = self._adapted("nginx.conf", [
            ("listen 80;", f"listen 127.0.0.1:{self.ports['nginx-http']};"), ("listen [::]:80;", ""),
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.ports['nginx']} ssl;"), ("listen [::]:443 ssl;", ""),
            (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", self.certificates.chain),
            (f"/etc/letsencrypt/live/{NAME}/privkey.pem", self.certificates.key),
            ("/var/www/html", self.folder / "html"), *timeouts])
        (self.folder / "party-sockets.conf").write_text(site)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(own_nginx_conf(tuned_nginx_conf(), self.folder))
        return [program("nginx"), "-c", configuration, "-e", self.folder / "nginx.log", "-g", "daemon off;"]


def tuned_nginx_conf(file="/etc/nginx/nginx.conf"):
    """Debian's nginx.conf, changed as README.md tells to."""
    [script] = re.findall(r"sudo sed -i '([^']+)' /etc/nginx/nginx.conf", (HERE / "README.md").read_text())
    return subprocess.run(["sed", script, file], check=True, capture_output=True, text=True).stdout


def own_nginx_conf(text, folder):
    """The same with our site alone, and with nothing in the system's folders."""
    text = re.sub(r"include /etc/nginx/(modules-enabled|conf.d)/.*", "", text)
    text = text.replace("/etc/nginx/sites-enabled/*", f"{folder}/party-sockets.conf")
    text = text.replace("/var/log/nginx", str(folder)).replace("/run/nginx.pid", f"{folder}/nginx.pid")
    folders = "".join(f"{name}_temp_path {folder}/{name};\n" for name in
                      ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    return text.replace("http {", "http {\n" + folders, 1)


def free_ports(names):
    """A free port for each name. All are held until the last is found, so that they differ."""
    holders = {name: socket.socket() for name in names}
    try:
        for holder in holders.values():
            holder.bind(("127.0.0.1", 0))
        return {name: holder.getsockname()[1] for name, holder in holders.items()}
    finally:
        for holder in holders.values():
            holder.close()


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
