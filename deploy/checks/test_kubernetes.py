"""Checks that the manifests are what Kubernetes reads, and agree with the image, the relay and the edge."""

import pathlib
import re
import tempfile
import unittest

import yaml

import tools
from dockerfile import Image, stages
from documents import ENDING_SECONDS, REPOSITORY, default, edge_ports, settings, shown

DEPLOY = REPOSITORY / "deploy"
# The oldest that has the pause before a pod's end, and the newest that the schemas know.
VERSIONS = ["1.30", "1.37"]
# For how long the cluster's DNS answers with what was true before, as kubeadm sets it up (`ttl 30`, `cache 30`), and
# for how much longer a cache on each node does, which keeps everything for so long at least.
DNS_SECONDS, NODE_CACHE_SECONDS = 30, 5
# The interval at which Prometheus usually looks.
SCRAPE_SECONDS = 15


def rendered(folder):
    status, said, problems = tools.kustomize(folder)
    assert status == 0, problems
    return said


class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = rendered(DEPLOY)
        cls.objects = list(yaml.safe_load_all(cls.text))
        cls.templates = {
            each["metadata"]["name"]: each["spec"]["template"]
            for each in cls.objects if "template" in each.get("spec", {})}
        cls.relay, cls.edge = cls.templates["relay"]["spec"], cls.templates["edge"]["spec"]
        [cls.relay_container], [cls.edge_container] = cls.relay["containers"], cls.edge["containers"]
        cls.environment = {each["name"]: each.get("value") for each in cls.relay_container["env"]}
        cls.ports = {port["name"]: port["containerPort"] for port in cls.relay_container["ports"]}

    def of(self, kind, name):
        [found] = [each for each in self.objects if (each["kind"], each["metadata"]["name"]) == (kind, name)]
        return found

    # --- What Kubernetes reads ---

    def test_every_object_fits_its_schema(self):
        more = (DEPLOY / "kubernetes/ingress.yaml").read_text()
        for version in VERSIONS:
            self.assert_fits(f"{self.text}---\n{more}", version, objects=len(self.objects) + 2)

    def test_a_mistake_would_be_found(self):
        for right, wrong in [
                ("publishNotReadyAddresses", "publishNotReadyAdresses"), ("runAsUser: 10001", "runAsUser: me")]:
            with self.assertRaises(AssertionError):
                self.assert_fits(self.text.replace(right, wrong), VERSIONS[-1], objects=len(self.objects))

    def assert_fits(self, text, version, objects):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            status, said, problems = tools.validate(file.name, version)
        self.assertEqual((status, problems), (0, ""), said)
        # An object without a schema is only warned of.
        self.assertEqual(len(re.findall(r"(?m)^INFO .* passed for ", said)), objects, said)

    def test_the_overlay_of_the_text_makes_another_image_of_it(self):
        [image] = re.findall(r"image: (\S*party-sockets\S*)", yaml.dump(self.overlay("images:")))
        [asked] = self.shown("images:")["images"]
        self.assertEqual(image, f"{asked['newName']}:{asked['newTag']}")

    def test_the_overlay_for_an_ingress_makes_the_edges_believe_its_controller(self):
        [believed] = shown("kubernetes/README.md", "nginx")
        objects = self.overlay("images:", "ingress.yaml", files={
            "proxies.conf": believed, "ingress.yaml": (DEPLOY / "kubernetes/ingress.yaml").read_text()})
        self.assertLess({"Ingress", "NetworkPolicy"}, {each["kind"] for each in objects})
        [data] = [each["data"] for each in objects if each["kind"] == "ConfigMap"]
        mine = self.of("ConfigMap", self.edge["volumes"][0]["configMap"]["name"])["data"]
        self.assertEqual(data, mine | {"proxies.conf": believed})

    def test_the_overlay_for_a_load_balancer_has_it_keep_the_players_addresses(self):
        balancers = [each["spec"] for each in self.overlay("images:", "LoadBalancer") if each["kind"] == "Service"
                     and each["spec"].get("type") == "LoadBalancer"]
        self.assertEqual([each["externalTrafficPolicy"] for each in balancers], ["Local"])

    def overlay(self, *marks, files={}):
        """The objects of a folder beside deploy/ with the parts of the text that have these marks."""
        whole = {}
        for mark in marks:
            whole |= self.shown(mark)
        with tempfile.TemporaryDirectory(dir=DEPLOY.parent) as folder:
            for name, text in {**files, "kustomization.yaml": yaml.dump(whole)}.items():
                (pathlib.Path(folder) / name).write_text(text)
            return list(yaml.safe_load_all(rendered(folder)))

    def shown(self, mark):
        [block] = [text for text in shown("kubernetes/README.md", "yaml") if mark in text]
        return yaml.safe_load(block)

    # --- How the objects fit each other ---

    def test_every_selector_chooses_the_pods_that_it_is_meant_for(self):
        chosen = {}
        for each in self.objects:
            spec = each.get("spec", {})
            selector = spec.get("podSelector", spec.get("selector"))
            if selector is not None:
                labels = selector.get("matchLabels", selector)
                chosen[each["kind"], each["metadata"]["name"]] = self.pods(labels)
        self.assertEqual(chosen, {
            ("Service", "relay"): {"relay"}, ("Service", "relay-ready"): {"relay"}, ("Service", "edge"): {"edge"},
            ("StatefulSet", "relay"): {"relay"}, ("Deployment", "edge"): {"edge"},
            ("PodDisruptionBudget", "relay"): {"relay"}, ("PodDisruptionBudget", "edge"): {"edge"},
            ("NetworkPolicy", "relay"): {"relay"}})
        for name, template in self.templates.items():
            [spread] = template["spec"]["topologySpreadConstraints"]
            self.assertEqual(self.pods(spread["labelSelector"]["matchLabels"]), {name})

    def pods(self, labels):
        return {
            name for name, template in self.templates.items()
            if labels.items() <= template["metadata"]["labels"].items()}

    def test_the_ports_are_those_that_relays_and_edges_listen_on(self):
        listens, asks = edge_ports()
        self.assertEqual(self.ports, {
            "relay": int(self.environment["PORT"]), "metrics": int(self.environment["METRICS_PORT"])})
        self.assertEqual(self.ports["relay"], asks)
        self.assertEqual(self.ports["relay"], int(stages()[-1].one("EXPOSE").text))
        self.assertEqual(self.edge_container["ports"], [{"name": "http", "containerPort": listens}])
        for each in self.objects:
            if each["kind"] == "Service":
                [port] = each["spec"]["ports"]
                names = {"http"} if each["metadata"]["name"] == "edge" else self.ports
                self.assertIn(port["targetPort"], names)
        for container, names in [(self.relay_container, self.ports), (self.edge_container, {"http"})]:
            for kind in ["startupProbe", "livenessProbe", "readinessProbe"]:
                for way in ["httpGet", "tcpSocket"]:
                    if way in container.get(kind, {}):
                        self.assertIn(container[kind][way]["port"], names)
        annotations = self.templates["relay"]["metadata"]["annotations"]
        self.assertEqual(annotations["prometheus.io/port"], self.environment["METRICS_PORT"])

    def test_the_edge_is_called_in_the_ingress(self):
        ingress, _ = yaml.safe_load_all((DEPLOY / "kubernetes/ingress.yaml").read_text())
        [rule] = ingress["spec"]["rules"]
        [path] = rule["http"]["paths"]
        service = self.of("Service", path["backend"]["service"]["name"])
        self.assertIn(path["backend"]["service"]["port"]["name"], [port["name"] for port in service["spec"]["ports"]])
        self.assertEqual(ingress["metadata"]["namespace"], service["metadata"]["namespace"])
        for timeout in ["read", "send"]:
            seconds = ingress["metadata"]["annotations"][f"nginx.ingress.kubernetes.io/proxy-{timeout}-timeout"]
            self.assertGreaterEqual(int(seconds), 2 * default("IDLE_TIMEOUT_SECONDS"))

    def test_the_edge_has_the_files_of_every_edge_and_all_that_it_includes(self):
        volume = {each["name"]: each for each in self.edge["volumes"]}["configuration"]
        data = self.of("ConfigMap", volume["configMap"]["name"])["data"]
        for file in ["container.conf", "http.conf", "server.conf"]:
            self.assertEqual(data[file], (DEPLOY / "edge" / file).read_text())
        included = re.findall(r"(?m)^\s*include (\S+);", data["container.conf"])
        self.assertLessEqual({"container.conf", *included}, set(data))
        [mount] = [each for each in self.edge_container["volumeMounts"] if each["name"] == "configuration"]
        self.assertIn(f"{mount['mountPath']}/container.conf", self.edge_container["command"])

    def test_names_are_those_of_the_namespace(self):
        [app] = re.findall(r"set \$app (\S+);", (DEPLOY / "edge/container.conf").read_text())
        namespaces = {each["metadata"].get("namespace", each["metadata"]["name"]) for each in self.objects}
        self.assertEqual(namespaces, {app})

    def test_strangers_do_not_reach_a_relay(self):
        players, scrapes = self.of("NetworkPolicy", "relay")["spec"]["ingress"]
        self.assertEqual([port["port"] for port in players["ports"]], ["relay"])
        allowed = [self.pods(peer["podSelector"]["matchLabels"]) for peer in players["from"] if len(peer) == 1]
        self.assertEqual(allowed, [{"edge"}, {"relay"}])
        self.assertEqual([port["port"] for port in scrapes["ports"]], ["metrics"])
        for service in ["relay", "relay-ready"]:
            self.assertEqual(self.of("Service", service)["spec"]["clusterIP"], "None")

    def test_only_the_controller_of_the_ingress_reaches_the_edges(self):
        _, policy = yaml.safe_load_all((DEPLOY / "kubernetes/ingress.yaml").read_text())
        self.assertEqual(self.pods(policy["spec"]["podSelector"]["matchLabels"]), {"edge"})
        [rule] = policy["spec"]["ingress"]
        [peer] = rule["from"]
        self.assertEqual(list(peer), ["namespaceSelector"])
        self.assertEqual([port["port"] for port in rule["ports"]], [self.edge_container["ports"][0]["name"]])

    def test_nobody_is_believed_who_has_not_been_named(self):
        data = self.of("ConfigMap", self.edge["volumes"][0]["configMap"]["name"])["data"]
        for name, text in data.items():
            self.assertEqual(re.findall(r"(?m)^\s*set_real_ip_from.*", text), [], name)

    # --- How pods come and go ---

    def test_a_drain_ends_before_the_pod_is_killed(self):
        drain, delay = (int(self.environment[name]) for name in ["DRAIN_SECONDS", "DRAIN_DELAY_SECONDS"])
        grace = self.relay["terminationGracePeriodSeconds"]
        self.assertGreaterEqual(grace, self.pause() + drain + ENDING_SECONDS)
        self.assertTrue(SCRAPE_SECONDS < delay < drain)

    def pause(self):
        """The seconds in which a pod is not ready any more, but does not know yet that it ends."""
        return self.relay_container["lifecycle"]["preStop"]["sleep"]["seconds"]

    def test_a_relay_drains_when_no_edge_sends_it_new_games_any_more(self):
        resolver = self.of("ConfigMap", self.edge["volumes"][0]["configMap"]["name"])["data"]["resolver.conf"]
        [kept] = re.findall(r" valid=(\d+)s;", resolver)
        self.assertGreaterEqual(self.pause(), DNS_SECONDS + int(kept))

    def test_a_relay_is_ready_when_all_find_it_by_its_name(self):
        # The budget for disruptions, too, counts a pod that is not ready as missing.
        delay = self.relay_container["readinessProbe"]["initialDelaySeconds"]
        self.assertGreaterEqual(delay, DNS_SECONDS + NODE_CACHE_SECONDS)

    def test_the_text_gives_an_update_the_time_that_it_takes(self):
        # The drain of rooms that are handed over, which must not last, and a start.
        each = (self.pause() + int(self.environment["DRAIN_DELAY_SECONDS"]) + ENDING_SECONDS
                + self.relay_container["readinessProbe"]["initialDelaySeconds"]
                + self.of("StatefulSet", "relay")["spec"]["minReadySeconds"])
        [minutes] = re.findall(r"--timeout (\d+)m", (DEPLOY / "kubernetes/README.md").read_text())
        self.assertGreater(60 * int(minutes), self.of("StatefulSet", "relay")["spec"]["replicas"] * each)

    def test_one_of_each_may_be_missing_at_a_time(self):
        for name in ["relay", "edge"]:
            self.assertEqual(self.of("PodDisruptionBudget", name)["spec"]["maxUnavailable"], 1)

    def test_an_edge_ends_its_connections_before_it_is_killed(self):
        before = self.edge_container["lifecycle"]["preStop"]["exec"]["command"]
        [shutdown] = re.findall(r"worker_shutdown_timeout (\d+)s;", (DEPLOY / "edge/container.conf").read_text())
        self.assertEqual(before[0], "sleep")
        self.assertGreater(self.edge["terminationGracePeriodSeconds"], int(before[1]) + int(shutdown))

    def test_a_relay_that_drains_or_is_full_is_not_killed_for_it(self):
        for kind, path in [("startup", "/health"), ("liveness", "/health"), ("readiness", "/ready")]:
            self.assertEqual(self.relay_container[f"{kind}Probe"]["httpGet"]["path"], path)

    # --- What pods may do ---

    def test_every_pod_meets_the_strictest_standard(self):
        enforced = self.of("Namespace", "party-sockets")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        self.assertEqual(enforced, "restricted")
        for pod in [self.relay, self.edge]:
            context = pod["securityContext"]
            self.assertIs(context["runAsNonRoot"], True)
            self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertIs(pod["automountServiceAccountToken"], False)
            for container in pod["containers"]:
                self.assertEqual(container["securityContext"], {
                    "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]}})
                self.assertIn("memory", container["resources"]["limits"])

    def test_a_relay_runs_as_the_image_s_user_and_its_program(self):
        context, image = self.relay["securityContext"], Image()
        self.assertEqual((context["runAsUser"], context["runAsGroup"]), (image.user, image.group))
        self.assertNotIn("command", self.relay_container)
        self.assertNotIn("exec", yaml.dump(self.relay_container))

    def test_the_relay_knows_every_variable(self):
        # One of ours, for another's value.
        self.assertEqual(set(self.environment) - set(settings()), {"NAMESPACE"})

    def test_the_secret_is_made_by_a_command_and_written_nowhere(self):
        self.assertFalse([each for each in self.objects if each["kind"] == "Secret"])
        [reference] = [each["valueFrom"]["secretKeyRef"] for each in self.relay_container["env"]
                       if "secretKeyRef" in each.get("valueFrom", {})]
        command = (f"create secret generic {reference['name']} "
                   f"--from-literal={reference['key']}=\"$(openssl rand -hex 32)\"")
        self.assertIn(command, (DEPLOY / "kubernetes/README.md").read_text())
