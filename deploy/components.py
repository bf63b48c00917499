"""What the image consists of: the packages of its libraries, and those that are compiled into the relay."""

import hashlib
import json
import os
import pathlib
import platform
import re
import subprocess
import urllib.parse

NOTICES = ["LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE", "NOTICE.txt", "NOTICE.md"]


class Unknown(Exception):
    """Something of the image comes from nobody knows where; the text is for the person who builds it."""


class Package:
    """A package of others, with its place in the world (purl) and the files that say what is allowed with it."""

    def __init__(self, name, version, purl, notices, repository=None, commit=None):
        self.name = name
        self.version = version
        self.purl = purl
        self.notices = notices
        self.repository = repository
        self.commit = commit

    def component(self):
        """In CycloneDX's words."""
        component = {
            "type": "library", "bom-ref": self.purl, "name": self.name, "version": self.version, "purl": self.purl}
        if self.commit:
            component["pedigree"] = {"commits": [{"uid": self.commit}]}
            component["externalReferences"] = [{"type": "vcs", "url": self.repository}]
        return component


def debian_packages(paths):
    """The packages of these files, sorted by name."""
    release = platform.freedesktop_os_release()
    packages = {}
    for path in paths:
        name, version, architecture, source = installed(owner(path))
        qualifiers = urllib.parse.urlencode({
            "arch": architecture, "distro": f"{release['ID']}-{release['VERSION_ID']}", "upstream": source})
        purl = f"pkg:deb/{release['ID']}/{name}@{urllib.parse.quote(version)}?{qualifiers}"
        packages[name] = Package(name, version, purl, [pathlib.Path(f"/usr/share/doc/{name}/copyright")])
    return [packages[name] for name in sorted(packages)]


def owner(path):
    """The package that has installed a file. It may know it by its path before folders were merged into /usr."""
    real = os.path.realpath(path)
    for known in [real, path, real.removeprefix("/usr")]:
        found = subprocess.run(["dpkg-query", "--search", known], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(": ")[0]
    raise Unknown(f"{path} belongs to no package")


def installed(package):
    fields = "${Package}\t${Version}\t${Architecture}\t${source:Package}"
    return subprocess.run(
        ["dpkg-query", "--show", f"--showformat={fields}", package],
        check=True, capture_output=True, text=True).stdout.split("\t")


def swift_packages(binary):
    """The packages whose objects are linked into a program, as the build has recorded them, and Swift's own."""
    objects, build = binary.parent / f"{binary.name}.product/Objects.LinkFileList", build_folder(binary)
    if build is None or not objects.exists():
        raise Unknown(f"{binary} is not where SwiftPM has built it: nobody tells what is linked into it")
    modules = set(re.findall(r"/([^/]+\.build)/", objects.read_text()))
    used = set().union(*(checkouts(binary.parent / module) for module in modules))
    state = json.loads((build / "workspace-state.json").read_text())["object"]["dependencies"]
    packages = [checked_out(each, build) for each in state if each["subpath"] in used]
    if len(packages) != len(used):
        raise Unknown(f"not all of {', '.join(sorted(used))} are dependencies")
    return sorted([*packages, swift(binary)], key=lambda package: package.name)


def build_folder(binary):
    """SwiftPM's, that it has built a program in; None if it has not."""
    return next((folder for folder in binary.parents if (folder / "workspace-state.json").exists()), None)


def archives(binary):
    """The libraries of the system that are in the program itself, as the build has left them."""
    return sorted((build_folder(binary) / "archives").glob("*.a"))


def checkouts(module):
    """The folders of packages that a module was compiled from; none for our own."""
    # Of a module in Swift it has the sources, as keys; of one in C each object's make rule has the source first.
    recorded = module / "output-file-map.json"
    if recorded.exists():
        sources = list(json.loads(recorded.read_text()))
    else:
        sources = [rule.read_text().replace("\\\n", " ").split()[1] for rule in module.rglob("*.d")]
    if not sources:
        raise Unknown(f"{module} does not tell what it was compiled from")
    return {match[1] for source in sources if (match := re.search(r"/checkouts/([^/]+)/", source))}


def checked_out(dependency, build):
    reference, state = dependency["packageRef"], dependency["state"].get("checkoutState")
    if state is None:
        raise Unknown(f"{reference['identity']} is edited, and no version of it")
    location = reference["location"].removesuffix(".git")
    name, version = reference["identity"], state.get("version", state["revision"])
    folder = build / "checkouts" / dependency["subpath"]
    notices = [folder / name for name in NOTICES if (folder / name).exists()]
    purl = f"pkg:swift/{location.split('://')[-1]}@{version}"
    return Package(name, version, purl, notices, location, state["revision"])


def swift(binary):
    """The standard library, the runtime and Foundation, which come with the compiler, whose version is in the debug
    information."""
    found = re.search(rb"Swift version ([\d.]+) ", binary.read_bytes())
    if not found:
        raise Unknown(f"{binary} does not tell which Swift has compiled it")
    version = found[1].decode()
    return Package("swift", version, f"pkg:swift/github.com/swiftlang/swift@{version}", [])


def bill_of_materials(binary, program, packages):
    """The packages as a CycloneDX document. It has no time and no random number, which the format allows, so that the
    same packages give the same document."""
    name, version = subprocess.run(
        [binary, "--version"], check=True, capture_output=True, text=True).stdout.split()
    relay = {
        "type": "application", "bom-ref": name, "name": name, "version": version,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(program.read_bytes()).hexdigest()}]}
    return json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": relay},
        "components": [package.component() for package in packages],
        "dependencies": [{"ref": name, "dependsOn": [package.purl for package in packages]}],
    }, indent=2) + "\n"
