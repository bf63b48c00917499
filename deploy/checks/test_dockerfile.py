"""That the Dockerfile keeps what the rest relies on."""

import pathlib
import re
import unittest

from dockerfile import Image, stages

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent


class Dockerfile(unittest.TestCase):
    def setUp(self):
        self.build, self.runtime = stages()

    def test_the_program_is_linked_and_run_on_the_same_debian(self):
        built_on, runs_on = self.build.base, self.runtime.base
        self.assertRegex(built_on, r"^swift:\d+\.\d+-[a-z]+$")
        self.assertEqual(runs_on, f"debian:{built_on.split('-')[1]}-slim")

    def test_the_program_has_swift_in_it_as_the_one_that_is_checked(self):
        [build] = [run.text for run in self.build.all("RUN") if "swift build" in run.text]
        self.assertIn("--static-swift-stdlib", build)
        self.assertRegex((REPOSITORY / "ops/check").read_text(), r"(?m)^step release .*--static-swift-stdlib")

    def test_everything_is_run_without_a_shell(self):
        image = Image()
        program = self.runtime.one("COPY").text.split()[-1]
        self.assertEqual(image.entrypoint, [program])
        self.assertEqual(image.healthcheck, [program, "health"])
        self.assertEqual(self.runtime.all("CMD"), [])

    def test_the_user_is_a_number_and_not_root(self):
        self.assertRegex(self.runtime.one("USER").text, r"^[1-9]\d*:[1-9]\d*$")

    def test_only_the_program_comes_from_the_builder(self):
        copy = self.runtime.one("COPY")
        self.assertEqual(copy.flags, {"from": self.build.name})
        [build] = [run.text for run in self.build.all("RUN") if "swift build" in run.text]
        self.assertIn(f"--output-file={copy.text.split()[0]} ", build)

    def test_the_builder_is_sent_what_it_copies_and_nothing_else(self):
        ignored, *sent = [
            line for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
        copied = {source.rstrip("*") for copy in self.build.all("COPY") for source in copy.text.split()[:-1]}
        self.assertEqual(ignored, "*")
        self.assertEqual({name.removeprefix("!") for name in sent}, copied)
        self.assertEqual([name for name in copied - {"Package.resolved"} if not (REPOSITORY / name).exists()], [])

    def test_the_lists_of_packages_are_not_kept(self):
        for run in [run.text for stage in [self.build, self.runtime] for run in stage.all("RUN")]:
            if "apt-get update" in run:
                self.assertIn("rm -rf /var/lib/apt/lists/*", run)
                self.assertIn("--no-install-recommends", run)

    def test_an_instruction_is_read_whatever_its_lines(self):
        [stage] = stages(
            'FROM a AS b\n# RUN x\nRUN c \\\n    # d\n    && e\nHEALTHCHECK --interval=1s CMD ["f", "g"]\n')
        self.assertEqual((stage.base, stage.name), ("a", "b"))
        self.assertEqual(re.sub(r"\s+", " ", stage.one("RUN").text), "c && e")
        self.assertEqual(stage.one("HEALTHCHECK").flags, {"interval": "1s"})
        self.assertEqual(stage.one("HEALTHCHECK").command(), ["f", "g"])
