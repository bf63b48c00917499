"""What Compose and Kubernetes make of the deployment's files: which relays there are, in which environment, under which
names, and with which edge."""

import pathlib
import re

import yaml

DEPLOY = pathlib.Path(__file__).resolve().parents[2]
SECRET = "a secret of the tests, which is long enough"
# The variables that somebody has set for Compose.
GIVEN = {"CLUSTER_SECRET": SECRET}
DOMAIN = "svc.cluster.local"


class Compose:
    """compose.yaml, with the profile of several relays or without it."""

    # Between the moment from which a relay is not ready for the platform, and its signal.
    pause = 0

    def __init__(self, profiles=("several",)):
        project = filled(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))
        services = project["services"]
        # The networks whose X-Forwarded-For the edge believes.
        self.proxies = [each["subnet"] for each in project["networks"]["inside"]["ipam"]["config"]]
        self.relays = {
            name: service for name, service in services.items()
            if "INSTANCE_ID" in service.get("environment", {})
            and set(service.get("profiles", ["always"])) & {"always", *profiles}}
        mounted = [volume.split(":") for volume in services["edge"]["volumes"]]
        self.edge_files = {pathlib.Path(inside).name: (DEPLOY / here).read_text() for here, inside, _ in mounted}
        self.ids = list(self.relays)
        self.fixed_addresses = {
            name: service["networks"]["inside"]["ipv4_address"] for name, service in self.relays.items()}

    def environment(self, name):
        return self.relays[name]["environment"]

    def names(self, running, ready):
        """The aliases of the containers that run, whether they are ready or not."""
        named = {}
        for name in running:
            for alias in self.relays[name]["networks"]["inside"]["aliases"]:
                named.setdefault(alias, []).append(name)
        return named

    def is_ready_at(self):
        """The port's variable and the path that tell whether a relay is ready."""
        return "METRICS_PORT", "/ready"


def filled(value):
    """With the variables' defaults in all texts, and the secret."""
    match value:
        case str():
            return re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", lambda found: GIVEN.get(found[1], found[2] or ""), value)
        case dict():
            return {name: filled(each) for name, each in value.items()}
        case list():
            return [filled(each) for each in value]
        case _:
            return value


class Kubernetes:
    """The manifests, with as many pods as they ask for."""

    fixed_addresses = {}
    # None that is known before the cluster is.
    proxies = []

    def __init__(self):
        kustomization = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())
        self.namespace = kustomization["namespace"]
        objects = list(yaml.safe_load_all((DEPLOY / "kubernetes/relay.yaml").read_text()))
        [self.set] = [each for each in objects if each["kind"] == "StatefulSet"]
        self.services = [each for each in objects if each["kind"] == "Service"]
        self.pod = self.set["spec"]["template"]["spec"]
        [self.container] = self.pod["containers"]
        [generator] = kustomization["configMapGenerator"]
        self.edge_files = {pathlib.Path(file).name: (DEPLOY / file).read_text() for file in generator["files"]}
        self.ids = [f"{self.set['metadata']['name']}-{number}" for number in range(self.set["spec"]["replicas"])]

    def environment(self, pod):
        values = {}
        for variable in self.container["env"]:
            match variable.get("valueFrom"):
                case None:
                    value = variable["value"]
                case {"fieldRef": {"fieldPath": path}}:
                    value = {"metadata.name": pod, "metadata.namespace": self.namespace}[path]
                case {"secretKeyRef": _}:
                    value = SECRET
            # An entry may use those before it.
            values[variable["name"]] = re.sub(r"\$\((\w+)\)", lambda found: values[found[1]], value)
        return values

    def names(self, running, ready):
        """The addresses of headless services: pods that are ready, or all; and the pods' own by the set's service."""
        named = {}
        for service in self.services:
            name, spec = service["metadata"]["name"], service["spec"]
            labels = self.set["spec"]["template"]["metadata"]["labels"]
            if spec["clusterIP"] != "None" or not spec["selector"].items() <= labels.items():
                continue
            members = running if spec.get("publishNotReadyAddresses") else ready
            full = f"{name}.{self.namespace}.{DOMAIN}"
            if members:
                named[full] = list(members)
            if name == self.set["spec"]["serviceName"]:
                named |= {f"{pod}.{full}": [pod] for pod in members}
        return named

    @property
    def pause(self):
        return self.container["lifecycle"]["preStop"]["sleep"]["seconds"]

    def is_ready_at(self):
        return self.probe("readinessProbe")

    def probe(self, name):
        request = self.container[name]["httpGet"]
        [number] = [port["containerPort"] for port in self.container["ports"] if port["name"] == request["port"]]
        [variable] = [each["name"] for each in self.container["env"] if each.get("value") == str(number)]
        return variable, request["path"]
