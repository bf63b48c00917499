"""What the Markdown files of the repository refer to, and what of it is not there."""

import pathlib
import re
import subprocess
import urllib.parse

FENCE = re.compile(r"^(?P<mark>```+|~~~+).*?^(?P=mark)`*~*[ ]*$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
# In a text, as a reference below it, or in HTML.
LINK = re.compile(
    r"""\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s*(\S+)|(?:src|href)="([^"]+)\"""", re.MULTILINE)
# A path from the top of the repository, as commands and prose name it. A name in capitals stands for something else.
PATH = re.compile(r"(?<![\w./~$-])(?:\./)?((?:ops|deploy|Tests|Sources|LiveTests|\.github)/[\w./+-]*[\w/])")


def markdown_files(root):
    """All that git knows or would take, so nothing of what a build has fetched."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()
    return [root / name for name in sorted(listed) if (root / name).exists()]


def blank(match):
    """White space in place of a text, so that the lines of what follows stay the same."""
    return re.sub(r"[^\n]", " ", match[0])


def anchors(text):
    """The names that GitHub gives to the headings, and those that the text gives itself."""
    found, seen = set(), {}
    text = FENCE.sub(blank, text)
    for heading in re.findall(r"(?m)^#{1,6}[ \t]+(.+?)[ \t]*#*$", text):
        words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
        name = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        count = seen.get(name, 0)
        seen[name] = count + 1
        found.add(f"{name}-{count}" if count else name)
    return found | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))


def faults(file, root):
    """What is wrong with the references of one file: lines of `file:line: what`."""
    text = file.read_text()
    name = file.relative_to(root)

    def fault(match, what):
        return f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {what}"

    prose = CODE.sub(blank, FENCE.sub(blank, text))
    for match in LINK.finditer(prose):
        target = urllib.parse.unquote(next(group for group in match.groups() if group))
        if re.match(r"[a-z][a-z+.-]*:|//", target):
            continue
        path, _, anchor = target.partition("#")
        there = (file.parent / path).resolve() if path else file
        if not there.is_relative_to(root) or not there.exists():
            yield fault(match, f"no such file: {path}")
        elif anchor and there.suffix == ".md" and anchor not in anchors(there.read_text()):
            yield fault(match, f"no such heading: {target}")
    for match in PATH.finditer(text):
        # A link's path is relative to its file.
        if text[match.start() - 1:match.start()] != "(" and not (root / match[1]).exists():
            yield fault(match, f"no such path: {match[1]}")
