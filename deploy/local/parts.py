"""The parts of a local cluster, and the files that they read."""

import errno
import os
import pathlib
import pwd
import random
import resource
import secrets
import socket

HERE = pathlib.Path(__file__).resolve().parent
EDGE = HERE.parent / "edge"
APP = "party-sockets"
# dnsmasq reads its list of machines at its start alone, and nginx waits five seconds for an answer that is lost. So the
# edges have a server of their own, which only reads addresses anew, and goes on.
MACHINES_DNS, EDGES_DNS = "127.0.0.1", "127.0.0.2"
# An edge's connections, two of which make a player, where the machine allows so many files.
CONNECTIONS = 32_768


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
        wanted += [(EDGES_DNS, self.dns, socket.SOCK_STREAM)]
        wanted += [("127.0.0.1", port, socket.SOCK_STREAM) for port in [self.dns, *self.edges]]
        wanted += [(address, self.dns, socket.SOCK_DGRAM) for address in [MACHINES_DNS, EDGES_DNS]]
        for address, port, kind in wanted:
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind((address, port))


class Machine:
    """One relay's place in the cluster. All listen on one port, since a relay asks its siblings on its own."""

    def __init__(self, region, address):
        self.id = secrets.token_hex(7)
        self.region = region
        self.address = address

    def environment(self, ports, secret):
        """Settings such as limits come from our own environment, but not a machine's identity. `{id}` in a value stands
        for that, since a file is one machine's alone."""
        ours = {name: value.replace("{id}", self.id) for name, value in os.environ.items()
                if name not in ["INSTANCE_ID", "REGION"]}
        return {"RELAY_THREADS": "1", "CLUSTER_SECRET": secret} | ours | {
            "FLY_APP_NAME": APP, "FLY_REGION": self.region, "FLY_MACHINE_ID": self.id,
            "HOST": self.address, "PORT": str(ports.relay), "DNS_SERVERS": f"{MACHINES_DNS}:{ports.dns}",
            "DASHBOARD_URL": ""}


def fleet(machines, ports):
    """The list of machines, for what watches them."""
    return "".join(f"{machine.id} {machine.region} {machine.address}:{ports.relay}\n" for machine in machines)


def dnsmasq_conf(ports, names, address):
    return f"""\
# No names of this machine and no upstream server: a name that is not here does not exist.
no-resolv
no-hosts
no-poll
local=/#/
port={ports.dns}
listen-address={address}
bind-interfaces
cache-size=0
local-ttl=1
# The addresses; read again when they change.
hostsdir={names}/hosts
conf-file={names}/vms.conf
log-queries
log-facility=-
"""


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
        include "{EDGE}/server.conf";
    }}
""" for region, port in zip(regions, ports.edges))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    connections = CONNECTIONS if most == resource.RLIM_INFINITY else min(CONNECTIONS, most)
    return f"""\
{user}daemon off;
worker_processes 1;
worker_rlimit_nofile {connections};
pid nginx.pid;
events {{
    worker_connections {connections};
}}
http {{
{folders}
    resolver {EDGES_DNS}:{ports.dns};
    # The machines' addresses, of which there may be thousands.
    map_hash_max_size 65536;
    include "{EDGE}/names.conf";
    include "{EDGE}/http.conf";
    access_log edge-requests.log hops;
{servers}}}
"""
