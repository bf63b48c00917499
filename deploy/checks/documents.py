"""What the texts say that the deployments must agree with."""

import pathlib
import re

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
# After the drain the relay closes the remaining connections over 5 s, and waits 3 s for the last to close.
ENDING_SECONDS = 8


def settings():
    """Each variable of the relay with its default, as the tables have it."""
    texts = "".join(path.read_text() for path in [REPOSITORY / "README.md", *sorted((REPOSITORY / "ops").glob("*.md"))])
    return dict(re.findall(r"(?m)^\| `([A-Z_]+)` \| ([^|]*) \|", texts))


def default(variable):
    """The number that a variable is by default."""
    return int(re.match(r"\d[\d,]*(?<=\d)", settings()[variable])[0].replace(",", ""))


def edge_ports():
    """The port on which the edge in a container listens, and the one on which it asks relays."""
    text = (REPOSITORY / "deploy/edge/container.conf").read_text()
    [listens], [asks] = re.findall(r"listen (\d+);", text), re.findall(r"set \$relay_port (\d+);", text)
    return int(listens), int(asks)


def shown(readme, language):
    """The blocks of code in a text of deploy/."""
    return re.findall(rf"```{language}\n(.*?)```", (REPOSITORY / "deploy" / readme).read_text(), re.DOTALL)
