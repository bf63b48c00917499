"""That what the README tells to write is what the parts take."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from support import HERE


class Readme(unittest.TestCase):
    def test_nginx_takes_the_configuration_for_use_elsewhere(self):
        [block] = re.findall(r"```nginx\n(.*?)```", (HERE.parent / "README.md").read_text(), re.DOTALL)
        with tempfile.TemporaryDirectory() as folder:
            for there, here in [("/etc/nginx/party-sockets", str(HERE.parent)), ("/var/log/nginx", folder),
                                ("listen 80", f"listen unix:{folder}/socket")]:
                block = block.replace(there, here)
            folders = "".join(f"{name}_temp_path {folder}/{name};" for name in
                              ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
            configuration = pathlib.Path(folder) / "nginx.conf"
            configuration.write_text(f"pid {folder}/pid; events {{}} http {{ {folders}\n{block} }}")
            nginx = subprocess.run(
                ["nginx", "-t", "-c", configuration, "-e", "stderr"], capture_output=True, text=True,
                env={"PATH": "/usr/bin:/usr/sbin:/sbin"})
            self.assertEqual((nginx.returncode, "warn" in nginx.stderr), (0, False), nginx.stderr)
