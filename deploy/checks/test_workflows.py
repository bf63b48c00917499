"""That GitHub's workflows are well formed, and may do no more than they must."""

import pathlib
import re
import subprocess
import unittest

import yaml

from dockerfile import stages

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = REPOSITORY / ".github/workflows"


class Workflows(unittest.TestCase):
    def setUp(self):
        self.texts = {path.stem: path.read_text() for path in FOLDER.glob("*.yml")}
        self.workflows = {name: yaml.load(text, Loader=Strict) for name, text in self.texts.items()}
        # Those with steps of their own, and not a whole workflow's.
        self.jobs = [
            (name, job) for name, workflow in self.workflows.items() for job in workflow["jobs"].values()
            if "uses" not in job]

    def steps(self):
        return [(name, job, step) for name, job in self.jobs for step in job["steps"]]

    def test_there_is_one_for_each_purpose(self):
        starts = {name: set(workflow["on"]) for name, workflow in self.workflows.items()}
        self.assertEqual(starts, {
            "test": {"push", "pull_request", "workflow_call"}, "image": {"pull_request"}, "release": {"push"}})
        self.assertEqual(self.workflows["release"]["on"], {"push": {"tags": ["v*"]}})
        self.assertEqual(self.workflows["test"]["on"]["push"], {"branches": ["main"]})

    def test_they_may_read_and_only_a_release_writes_only_packages(self):
        self.assertEqual([workflow["permissions"] for workflow in self.workflows.values()], [{"contents": "read"}] * 3)
        own = [(name, job["permissions"]) for name, job in self.jobs if "permissions" in job]
        self.assertEqual(own, [("release", {"contents": "read", "packages": "write"})])

    def test_only_a_release_sees_secrets(self):
        self.assertEqual([name for name, text in self.texts.items() if "secrets." in text], ["release"])

    def test_nothing_that_strangers_write_becomes_a_part_of_a_script(self):
        for name, _, step in self.steps():
            self.assertNotIn("${{", step.get("run", ""), name)

    def test_scripts_are_well_formed(self):
        for name, _, step in self.steps():
            if "run" in step:
                result = subprocess.run(["bash", "-n"], input=step["run"], capture_output=True, text=True)
                self.assertEqual(result.stderr, "", f"{name}: {step['run']}")

    def test_actions_are_pinned(self):
        for name, _, step in self.steps():
            self.assertTrue(("uses" in step) != ("run" in step), f"{name}: {step}")
            if "uses" in step:
                self.assertRegex(step["uses"], r"^[\w./-]+@(v\d+|[0-9a-f]{40})$", name)

    def test_none_runs_for_ever_or_beside_another_of_its_kind(self):
        for name, job in self.jobs:
            self.assertLessEqual(job["timeout-minutes"], 180, name)
        for name, workflow in self.workflows.items():
            self.assertIn("group", workflow["concurrency"], name)
        self.assertIs(self.workflows["release"]["concurrency"]["cancel-in-progress"], False)

    def test_what_one_step_or_job_takes_from_another_is_there(self):
        for name, job in self.jobs:
            ids = {step["id"] for step in job["steps"] if "id" in step}
            text = yaml.dump(job)
            self.assertEqual(set(re.findall(r"\bsteps\.(\w+)\.", text)) - ids, set(), name)
            needed = job.get("needs", [])
            needed = [needed] if isinstance(needed, str) else needed
            for other, output in re.findall(r"\bneeds\.(\w+)\.outputs\.(\w+)", text):
                self.assertIn(other, needed)
                self.assertIn(output, self.workflows[name]["jobs"][other]["outputs"])

    def test_nothing_is_released_that_has_not_been_checked(self):
        jobs = self.workflows["release"]["jobs"]
        self.assertEqual(jobs["check"], {"uses": "./.github/workflows/test.yml"})
        self.assertEqual((jobs["image"]["needs"], jobs["deploy"]["needs"]), ("check", "image"))

    def test_a_registry_is_the_operator_s_choice(self):
        # A host has a dot or a port in the first part of an image's name.
        for name, _, step in self.steps():
            for key in ["images", "tags", "registry"]:
                value = re.sub(r"\$\{\{.*?\}\}", "", str(step.get("with", {}).get(key, "")))
                for image in value.split():
                    self.assertNotRegex(image, r"^[\w-]+\.[\w.-]+(:\d+)?(/|$)", f"{name}: {key}")
        release = self.workflows["release"]["jobs"]["image"]["steps"]
        [login] = [step for step in release if step.get("uses", "").startswith("docker/login-action@")]
        self.assertEqual(login["with"]["registry"], "${{ vars.REGISTRY }}")

    def test_the_checks_run_where_the_image_is_built(self):
        [job] = self.workflows["test"]["jobs"].values()
        self.assertEqual(job["container"]["image"], stages()[0].base)
        self.assertIn("ops/check", [step.get("run") for step in job["steps"]])

    def test_what_is_built_is_the_image_s_dockerfile(self):
        builds = [
            step["with"] for _, _, step in self.steps() if step.get("uses", "").startswith("docker/build-push-action@")]
        self.assertEqual([build["file"] for build in builds], ["deploy/Dockerfile"] * 2)
        self.assertEqual([build.get("push", False) for build in builds].count(True), 1)

    def test_what_is_pushed_is_what_is_deployed(self):
        *_, deploy = self.workflows["release"]["jobs"]["deploy"]["steps"]
        self.assertIn("flyctl deploy --config deploy/fly.toml ", deploy["run"])
        self.assertTrue(deploy["run"].endswith('--image "${NAME,,}@$DIGEST"'))

    def test_a_key_that_is_given_twice_is_refused(self):
        with self.assertRaises(yaml.YAMLError):
            yaml.load("{a: 1, a: 2}", Loader=Strict)


class Strict(yaml.SafeLoader):
    """YAML as GitHub reads it: `on` is a word, and no key comes twice."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, f"a key comes twice in {keys}", node.start_mark)
        return super().construct_mapping(node, deep)


Strict.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
