"""What `ops/setup` says and does on machines of every kind."""

import re
import unittest

from machine import SERVERS, Machine

MISSING = ("pkg-config",)

# The machine, and what the one line says with which it ends.
REFUSALS = {
    "no Swift": ({"lacks": ("swift",)}, "there is no Swift toolchain: 6.2 or newer is needed, 6.3 for LiveTests"),
    "no Swift, and more": ({"lacks": ("swift", "cc", "git", "sudo")}, "there is no Swift toolchain"),
    "an old Swift": ({"swift": "6.1.3"}, "Swift 6.1.3 is too old: 6.2 or newer is needed"),
    "an older Swift": ({"swift": "5.10"}, "Swift 5.10 is too old"),
    "macOS": ({"system": "Darwin", "lacks": ("swift", "apt-get")}, "Linux only, and this is macOS"),
    "another system": ({"system": "FreeBSD"}, "Linux only, and this is FreeBSD"),
    "no apt": ({"lacks": ("apt-get", "cc")}, "there is no apt-get). Install by other means what these packages bring: "
               "build-essential libc-ares-dev"),
    "no sudo": ({"lacks": ("sudo", "pkg-config")}, "there is no sudo to install them. As root run: "
                "apt-get update && apt-get install --no-install-recommends pkg-config"),
    "no right to sudo": ({"lacks": MISSING, "answers": {"sudo": "exit 1"}}, "apt-get update failed. As root run: "
                         "apt-get update && apt-get install --no-install-recommends pkg-config"),
    "no network": ({"lacks": MISSING, "answers": {"apt-get": '[ "$1" != update ]'}}, "apt-get update failed"),
    "no such package": ({"lacks": MISSING, "answers": {"apt-get": '[ "$1" = update ]'}}, "could not be installed"),
    "a Swift that never runs": ({"answers": {"swift": "exit 127"}}, "but does not run; see: swift --version"),
}


class SetupTests(unittest.TestCase):
    def machine(self, **properties):
        machine = Machine(**properties)
        self.addCleanup(machine.remove)
        return machine

    def test_refusals(self):
        """It ends with one clear line, and never with a bash error."""
        for name, (properties, sentence) in REFUSALS.items():
            with self.subTest(name):
                status, output, errors, _ = self.machine(**properties).setup()
                self.assertEqual(status, 1)
                self.assertIn(sentence, errors)
                self.assertTrue(errors.startswith("ops/setup: "), errors)
                self.assertEqual(errors.count("ops/setup"), 1)
                self.assertNotRegex(output + errors, r"line \d+|unbound|not found")

    def test_container(self):
        """Where it cannot run, it says how it can."""
        errors = self.machine(system="Darwin").setup()[2]
        self.assertRegex(errors, r"docker build .* && docker run ")

    def test_swift_comes_first(self):
        """Nothing is installed for a Swift that will not do."""
        for properties in ({"lacks": ("swift", "cc", "pkg-config")}, {"swift": "6.1", "lacks": ("cc", "pkg-config")}):
            self.assertEqual(self.machine(**properties).setup()[3], [])

    def test_nothing_missing(self):
        """Where all is there, it needs neither apt nor sudo, and says which Swift it has found."""
        for options in ((), ("--checks",)):
            for swift in ("6.2", "6.2.1", "6.10", "7.0"):
                machine = self.machine(swift=swift, lacks=("apt-get", "sudo", "systemctl"))
                self.assertEqual(machine.setup(*options), (
                    0, f"ops/setup: Swift {swift} is here; 6.2 or newer is needed, 6.3 for LiveTests\n", "", []))

    def test_tells_before_it_installs(self):
        """What it will install stands before apt's own output."""
        machine = self.machine(lacks=("git", "cc", "pkg-config"), answers={"apt-get": "echo from apt"})
        status, output, errors, changes = machine.setup()
        self.assertEqual((status, errors), (0, ""))
        plan = "installs with sudo apt-get: git build-essential pkg-config libc-ares-dev\n"
        self.assertIn(plan + "from apt\n", output)
        install = "env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends"
        self.assertIn(f"sudo {install} git build-essential pkg-config libc-ares-dev", changes)

    def test_root(self):
        """Root needs no sudo."""
        status, output, _, changes = self.machine(user=0, lacks=("sudo", *MISSING)).setup()
        self.assertEqual(status, 0)
        self.assertIn("installs with apt-get: pkg-config", output)
        self.assertEqual([change.split()[1] for change in changes], ["update", "install"])

    def test_swift_without_libraries(self):
        """A toolchain from an archive gets the libraries that it is linked to, and is looked at again."""
        swift = '[ -e "$SBIN/installed" ] && echo "Swift version {}" || exit 127'
        apt = {"apt-get": 'case "$*" in *libncurses-dev*) : >"$SBIN/installed" ;; esac'}
        self.assertEqual(self.machine(answers=apt | {"swift": swift.format("6.3")}).setup()[0], 0)
        status, _, errors, _ = self.machine(answers=apt | {"swift": swift.format("6.0.3")}).setup()
        self.assertEqual((status, re.findall("Swift 6.0.3 is too old", errors)), (1, ["Swift 6.0.3 is too old"]))

    def test_services(self):
        """Servers are installed without a service that would take a port, now or at the next boot."""
        self.assertLessEqual({"nginx", "prometheus"}, set(SERVERS.values()))
        for lacks in (tuple(SERVERS), (*SERVERS, "systemctl")):
            machine = self.machine(lacks=lacks)
            status, output, errors, changes = machine.setup("--checks")
            self.assertEqual((status, errors), (0, ""))
            self.assertIn(f"their services stay off: {' '.join(SERVERS.values())}\n", output)
            masks = [change for change in changes if change.startswith("systemctl")]
            units = " ".join(f"{service}.service" for service in SERVERS.values())
            self.assertEqual(masks, [] if "systemctl" in lacks else [f"systemctl mask --quiet {units}"])
            # Others that are installed beside them may start theirs.
            self.assertEqual(
                [change for change in changes if change.endswith("not started")],
                [f"{service} is not started" for service in SERVERS.values()])
            self.assertEqual(machine.leftovers(), [])

    def test_systemd_among_the_packages(self):
        """Where systemd comes with them, the services are masked once it is there."""
        apt = """case "$*" in *install*)
            printf '#!/bin/sh\\necho systemctl $* >>"$LOG"\\n' >"$BIN/systemctl"
            chmod 755 "$BIN/systemctl"
        esac"""
        machine = self.machine(lacks=("nginx", "systemctl"), answers={"apt-get": apt})
        changes = machine.setup("--checks")[3]
        masks = [change for change in changes if change.startswith("systemctl")]
        self.assertEqual(masks, ["systemctl mask --quiet nginx.service"])
        self.assertLess(changes.index("apt-get update -q"), changes.index("systemctl mask --quiet nginx.service"))

    def test_present_servers(self):
        """A server that was there before keeps its service."""
        machine = self.machine(lacks=("prometheus",))
        changes = machine.setup("--checks")[3]
        self.assertIn("systemctl mask --quiet prometheus.service", changes)
        self.assertNotIn("nginx is not started", changes)

    def test_own_policy(self):
        """A rule of the machine's own is left as it is, also where the installation fails."""
        machine = self.machine(lacks=tuple(SERVERS), answers={"apt-get": "exit 1"})
        policy = machine.folder / "sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        self.assertEqual(machine.setup("--checks")[0], 1)
        self.assertEqual(policy.read_text(), "#!/bin/sh\nexit 101\n")
        machine = self.machine(lacks=tuple(SERVERS), answers={"apt-get": "exit 1"})
        machine.setup("--checks")
        self.assertEqual(machine.leftovers(), [])

    def test_unknown_option(self):
        """A mistyped option is named."""
        status, _, errors, changes = self.machine(lacks=MISSING).setup("--check")
        self.assertEqual((status, changes), (1, []))
        self.assertIn("unknown option --check", errors)
