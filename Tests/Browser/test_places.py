"""Where pages come from: a name in the local network, and https through nginx."""

import pathlib
import socket
import subprocess
import tempfile
import time
import unittest

from browsers import LAN_NAME, Browsers
from members import create, exchange, join
from processes import Process, program
from relays import Relay

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_header {{ default upgrade; "" close; }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        location / {{
            proxy_pass http://127.0.0.1:{relay};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_header;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
    }}
}}
"""


class Places(unittest.TestCase):
    def setUp(self):
        self.relay = Relay()
        self.addCleanup(self.relay.close)

    def device(self, **options):
        context = Browsers.context(**options)
        self.addCleanup(context.close)
        return context

    def play(self, screen, phone):
        """A room of pages from these addresses."""
        host = create(self.device(ignore_https_errors=True), screen, maxClients=3)
        guest = join(self.device(ignore_https_errors=True), phone, host.get("code"))
        host.wait("peer")
        exchange(host, guest)
        return host, guest

    def test_a_name_in_the_local_network_is_no_secure_context(self):
        url = f"http://{LAN_NAME}:{self.relay.port}"
        host, guest = self.play(url, url)
        for members in [host, guest]:
            self.assertFalse(members.page.evaluate("isSecureContext"))
            self.assertIsNone(members.page.evaluate("crypto.subtle ?? null"))
        self.assertEqual(host.get("joinUrl"), f"{url}/health?room={host.get('code')}")

    def test_a_screen_at_localhost_and_a_phone_in_the_local_network(self):
        self.play(f"http://localhost:{self.relay.port}", f"http://{LAN_NAME}:{self.relay.port}")

    def test_https_through_nginx(self):
        url = self.start_nginx()
        host, guest = self.play(url, url)
        self.assertTrue(host.page.evaluate("isSecureContext"))
        guest.page.reload()
        self.assertEqual(host.wait("away")[0]["event"]["index"], 1)
        again = join(guest.page.context, url, host.get("code"), page=guest.page)
        exchange(host, again)

    def start_nginx(self):
        folder = tempfile.TemporaryDirectory(prefix="party-sockets-nginx.")
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        subprocess.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", path / "key.pem", "-out",
            path / "certificate.pem"], check=True, capture_output=True)
        port = free_port()
        (path / "nginx.conf").write_text(NGINX.format(folder=path, port=port, relay=self.relay.port))
        nginx = Process([program("nginx"), "-p", str(path), "-c", str(path / "nginx.conf"), "-e", "stderr"])
        self.addCleanup(lambda: nginx.stop(time.monotonic() + 3))
        return f"https://localhost:{wait_for(port)}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    """Waits until somebody listens on the port; returns it."""
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return port
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
