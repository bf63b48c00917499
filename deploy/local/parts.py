"""The parts of a local cluster, and the files that they read."""

import errno
import os
import pathlib
import pwd
import random
import secrets
import socket

HERE = pathlib.Path(__file__).resolve().parent
APP = "party-sockets"


class Ports:
    """A block of ports that no other cluster on this machine takes, even before its parts listen.

    An abstract socket named after the block reserves it: it needs no file, and ends with this process.
    """

    SIZE = 32
    # Below the ports that the kernel gives to outgoing connections.
    BLOCKS = range(20_000, 32_000, SIZE)

    def __init__(self, relay_addresses, edges):
        for base in random.sample(self.BLOCKS, len(self.BLOCKS)):
            self.claim = socket.socket(socket.AF_UNIX)
            self.relay, self.dns = base, base + 1
            self.edges = [base + 2 + index for index in range(edges)]
            try:
                self.claim.bind(f"\0{APP}-cluster-{base}")
                self._try(relay_addresses)
                return
            except OSError as error:
                self.claim.close()
                if error.errno != errno.EADDRINUSE:
                    raise
        raise OSError(errno.EADDRINUSE, "no free ports between 20000 and 32000")

    def _try(self, relay_addresses):
        wanted = [(address, self.relay, socket.SOCK_STREAM) for address in relay_addresses]
        wanted += [("127.0.0.1", port, socket.SOCK_STREAM) for port in [self.dns, *self.edges]]
        wanted += [("127.0.0.1", self.dns, socket.SOCK_DGRAM)]
        for address, port, kind in wanted:
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind((address, port))


class Machine:
    """One relay's place in the cluster. All listen on one port, since a relay asks its siblings on its own."""

    def __init__(self, region, address):
        self.id = secrets.token_hex(7)
        self.region = region
        self.address = address

    def environment(self, ports):
        """Settings such as limits come from our own environment, but not a machine's identity."""
        ours = {name: value for name, value in os.environ.items() if name not in ["INSTANCE_ID", "REGION"]}
        return {"RELAY_THREADS": "1"} | ours | {
            "FLY_APP_NAME": APP, "FLY_REGION": self.region, "FLY_MACHINE_ID": self.id,
            "HOST": self.address, "PORT": str(ports.relay), "DNS_SERVERS": f"127.0.0.1:{ports.dns}",
            "DASHBOARD_URL": ""}


def dnsmasq_conf(machines, ports, state):
    listed = ",".join(f"{machine.id} {machine.region}" for machine in machines)
    # A character string holds 255 bytes at most. Readers join them, so their boundaries mean nothing.
    strings = ",".join(f'"{listed[start:start + 255]}"' for start in range(0, len(listed), 255))
    return f"""\
# No names of this machine and no upstream server: a name that is not here does not exist.
no-resolv
no-hosts
no-poll
local=/#/
port={ports.dns}
listen-address=127.0.0.1
bind-interfaces
cache-size=0
local-ttl=2
# The addresses; read again at SIGHUP.
addn-hosts={state}/dns-hosts
txt-record=vms.{APP}.internal,{strings}
log-queries
log-facility=-
"""


def dns_hosts(machines):
    """Every machine with its names: its own, its region's, the app's, and those by which the edge finds it for players
    who have to leave another machine, or another region."""
    regions = {machine.region for machine in machines}

    def names(machine):
        yield from [f"{machine.id}.vm", machine.region]
        yield from (f"{other.id}.siblings" for other in machines
                    if other.region == machine.region and other is not machine)
        yield from (f"{region}.elsewhere" for region in sorted(regions - {machine.region}))

    return "".join(
        " ".join([machine.address, *(f"{name}.{APP}.internal" for name in names(machine)), f"{APP}.internal"]) + "\n"
        for machine in machines)


def nginx_conf(regions, ports):
    # As root, nginx would choose a user that may not enter the state directory; other users cannot choose one.
    user = f"user {pwd.getpwuid(0).pw_name};\n" if os.geteuid() == 0 else ""
    folders = "".join(
        f"    {name}_temp_path tmp-{name};\n" for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    servers = "".join(f"""
    server {{
        listen 127.0.0.1:{port};
        set $edge_region {region};
        set $app {APP};
        set $relay_port {ports.relay};
        include "{HERE}/edge-server.conf";
    }}
""" for region, port in zip(regions, ports.edges))
    return f"""\
{user}daemon off;
worker_processes 1;
pid nginx.pid;
events {{
    worker_connections 8192;
}}
http {{
{folders}
    resolver 127.0.0.1:{ports.dns};
    include "{HERE}/edge-http.conf";
    access_log edge-requests.log hops;
{servers}}}
"""


def edge_machines_conf(machines, ports):
    """The machine at each address, which the edges name in `fly-replay-src`."""
    return "".join(
        f'"{machine.address}:{ports.relay}" "instance={machine.id};region={machine.region}";\n'
        for machine in machines)
