"""The libraries that a program is linked to."""

import os
import re
import subprocess


def libraries(binary):
    """The paths of the loader and of all libraries that it would load, sorted."""
    listed = subprocess.run([loader(binary), "--list", binary], check=True, capture_output=True, text=True).stdout
    return listed_libraries(listed)


def loader(binary):
    """The path of the program that loads this one, as its own header names it."""
    with open(binary, "rb") as file:
        return re.search(rb"/lib[^\0]*/ld-[^\0]+", file.read(4096))[0].decode()


def listed_libraries(text):
    """The paths in what a loader lists, which has the loader itself."""
    missing = re.findall(r"(\S+) => not found", text)
    if missing:
        raise FileNotFoundError(f"not installed: {', '.join(missing)}")
    return sorted({os.path.normpath(path) for path in re.findall(r"(/\S+) \(0x", text)})
