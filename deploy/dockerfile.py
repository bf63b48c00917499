"""The content of the Dockerfile, for tools that build or run the image's root by other means."""

import json
import pathlib
import re

PATH = pathlib.Path(__file__).resolve().parent / "Dockerfile"


class Instruction:
    """A line such as `COPY --from=build a b`: its word, its flags and the rest."""

    def __init__(self, line):
        self.word, rest = line.split(maxsplit=1)
        self.flags = {}
        while match := re.match(r"--([a-z-]+)=(\S+)\s+", rest):
            self.flags[match[1]] = match[2]
            rest = rest[match.end():]
        self.text = rest

    def command(self):
        """The program and arguments of an exec form; a shell form is refused, since the image runs without a shell."""
        command = json.loads(self.text.removeprefix("CMD").strip())
        if not command or not all(isinstance(word, str) for word in command):
            raise ValueError(f"not in exec form: {self.text}")
        return command


class Stage:
    """The instructions between one FROM and the next."""

    def __init__(self, instruction):
        self.base, *name = re.split(r"\s+AS\s+", instruction.text)
        self.name = name[0] if name else None
        self.instructions = []

    def all(self, word):
        return [each for each in self.instructions if each.word == word]

    def one(self, word):
        [found] = self.all(word)
        return found


def stages(text=None):
    lines = re.sub(r"(?m)^\s*#.*\n", "", PATH.read_text() if text is None else text).replace("\\\n", " ").splitlines()
    result = []
    for instruction in [Instruction(line) for line in lines if line.strip()]:
        if instruction.word == "FROM":
            result.append(Stage(instruction))
        else:
            result[-1].instructions.append(instruction)
    return result


class Image:
    """The last stage, which is the image."""

    def __init__(self):
        self.stage = stages()[-1]
        self.user, self.group = (int(number) for number in self.stage.one("USER").text.split(":"))
        self.entrypoint = self.stage.one("ENTRYPOINT").command()
        self.healthcheck = self.stage.one("HEALTHCHECK").command()
