"""Checks that the Dockerfile, its ignore file and GitHub's workflows fit each other."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from dockerfile import stages

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent


class Dockerfile(unittest.TestCase):
    def setUp(self):
        self.build, self.runtime = stages()

    def test_the_image_is_what_is_collected_in_the_stage_that_builds_and_nothing_else(self):
        *_, collect = self.build.all("RUN")
        program, *_, folder = collect.text.split()
        [copy] = [each for each in self.runtime.instructions if each.word in ["ADD", "COPY", "RUN"]]
        self.assertEqual(self.runtime.base, "scratch")
        self.assertEqual(program, "deploy/collect-root")
        self.assertEqual((copy.flags, copy.text), ({"from": self.build.name}, f"{folder} /"))

    def test_the_builder_is_sent_what_it_copies_and_nothing_else(self):
        ignored, *sent = [
            line for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
        copied = {source.rstrip("*") for copy in self.build.all("COPY") for source in copy.text.split()[:-1]}
        self.assertEqual(ignored, "*")
        self.assertEqual({name.removeprefix("!") for name in sent}, copied)
        self.assertEqual([name for name in copied - {"Package.resolved"} if not (REPOSITORY / name).exists()], [])

    def test_the_program_that_collects_the_image_has_all_that_it_is_made_of(self):
        with tempfile.TemporaryDirectory() as folder:
            for copy in self.build.all("COPY"):
                *sources, target = copy.text.split()
                for source in [source for source in sources if source.startswith("deploy/")]:
                    to = f"{folder}/{target}"
                    os.makedirs(os.path.dirname(to), exist_ok=True)
                    shutil.copy(REPOSITORY / source, to)
            helped = subprocess.run([f"{folder}/deploy/collect-root", "--help"], capture_output=True, text=True)
            self.assertEqual((helped.returncode, helped.stderr), (0, ""))

    def test_an_instruction_is_read_whatever_its_lines(self):
        [stage] = stages(
            'FROM a AS b\n# RUN x\nRUN c \\\n    # d\n    && e\nHEALTHCHECK --interval=1s CMD ["f", "g"]\n')
        self.assertEqual((stage.base, stage.name), ("a", "b"))
        self.assertEqual(re.sub(r"\s+", " ", stage.one("RUN").text), "c && e")
        self.assertEqual(stage.one("HEALTHCHECK").flags, {"interval": "1s"})
        self.assertEqual(stage.one("HEALTHCHECK").command(), ["f", "g"])


class Workflows(unittest.TestCase):
    """Faults that GitHub would find only when a workflow runs."""

    def setUp(self):
        self.workflows = {
            path.stem: yaml.safe_load(path.read_text()) for path in (REPOSITORY / ".github/workflows").glob("*.yml")}
        self.assertTrue(self.workflows)

    def jobs(self):
        """The jobs with steps of their own, without those that call a workflow."""
        for name, workflow in self.workflows.items():
            for job in workflow["jobs"].values():
                if "steps" in job:
                    yield name, job

    def test_scripts_are_well_formed_and_no_expression_is_pasted_into_them(self):
        for name, job in self.jobs():
            for script in [step["run"] for step in job["steps"] if "run" in step]:
                result = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
                self.assertEqual(result.stderr, "", f"{name}: {script}")
                # Text that strangers write, such as a branch's name, would run as a part of the script.
                self.assertNotIn("${{", script, name)

    def test_what_one_step_or_job_takes_from_another_is_there(self):
        for name, job in self.jobs():
            ids = {step["id"] for step in job["steps"] if "id" in step}
            text = yaml.dump(job)
            self.assertEqual(set(re.findall(r"\bsteps\.(\w+)\.", text)) - ids, set(), name)
            needed = job.get("needs", [])
            needed = [needed] if isinstance(needed, str) else needed
            for other, output in re.findall(r"\bneeds\.(\w+)\.outputs\.(\w+)", text):
                self.assertIn(other, needed)
                self.assertIn(output, self.workflows[name]["jobs"][other]["outputs"])

    def test_the_files_that_they_name_are_there(self):
        for name, job in self.jobs():
            named = re.findall(r"\b(?:deploy|ops)/[\w./-]+\w", yaml.dump(job))
            self.assertEqual([path for path in named if not (REPOSITORY / path).exists()], [], name)

    def test_nothing_is_attached_to_an_image_that_tells_when_it_was_built(self):
        builds = [step for _, job in self.jobs() for step in job["steps"] if "build-push-action" in step.get("uses", "")]
        self.assertEqual(len(builds), 2)
        for step in builds:
            # The action attaches it unless it is told not to.
            self.assertIs(step["with"].get("provenance"), False)

    def test_the_checks_run_where_the_image_is_built(self):
        [job] = self.workflows["test"]["jobs"].values()
        self.assertEqual(job["container"]["image"], stages()[0].base)
