# SPDX-License-Identifier: MIT
"""A page as something to do: files to write, commands to type, output to compare.

- A paragraph of nothing but `path`: names the file that the code block after it is.
- In a block of the kind `console` a line "$ …" is a command, "> …" goes on with it, and the rest is its output. "…" stands for
  anything: within a line, or, alone on one, for any number of lines.
"""
import re
import subprocess
from pathlib import Path
from typing import NamedTuple


class Block(NamedTuple):
    line: int       # of its fence
    section: str    # the last heading of level 2
    kind: str       # "cpp", "console", …
    name: str       # of the file, or ""
    text: str


def blocks(page):
    """Every fenced block of the page, in order."""
    found, section, name, begun, kind, lines = [], "", "", 0, "", []
    for number, line in enumerate(Path(page).read_text(encoding="utf-8").splitlines(), 1):
        fence = re.fullmatch(r"```(\w*)", line)
        if begun and line == "```":
            found.append(Block(begun, section, kind, name, "".join(lines)))
            begun, name = 0, ""
        elif begun:
            lines.append(line + "\n")
        elif fence:
            begun, kind, lines = number, fence[1], []
        elif line.startswith("## "):
            section, name = line[3:], ""
        elif line.strip():
            named = re.fullmatch(r"`([\w./-]+)`:", line)
            name = named[1] if named else ""
    if begun:
        raise ValueError(f"{page}:{begun}: this block has no end")
    return found


def commands(block):
    """(line, command, expected output) of a console block."""
    found = []
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        if line.startswith("$ "):
            found.append((number, line[2:], []))
        elif line.startswith("> ") and found and not found[-1][2]:
            found[-1] = (found[-1][0], found[-1][1] + "\n" + line[2:], [])
        elif found:
            found[-1][2].append(line)
        else:
            raise ValueError(f"line {number}: output before any command")
    return found


def agrees(expected, output):
    """Is the output what the page says?"""
    pattern = ""
    for line in expected:
        pattern += r"(?:[^\n]*\n)*?" if line.strip() == "…" else r"[^\n]*?".join(map(re.escape, line.rstrip().split("…"))) + r"[ \t]*\n"
    return re.fullmatch(pattern, output) is not None


class Shell:
    """One bash for a whole page: folders and variables stay from command to command."""
    MARK = "<end of the command>"

    def __init__(self, folder, environment):
        self.bash = subprocess.Popen(["bash", "--norc", "--noprofile"], cwd=folder, env=environment, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, command):
        """What it prints, on both streams."""
        self.bash.stdin.write(f"{command}\nme_code=$?; printf '\\n%s\\n' '{self.MARK}'; (exit $me_code)\n")
        self.bash.stdin.flush()
        output = ""
        for line in self.bash.stdout:
            if line == self.MARK + "\n":
                return output[:-1]  # less the line feed before the mark
            output += line
        raise EOFError(f"the shell ended within: {command}\n{output}")

    def folder(self):
        return Path(self.run("pwd").strip())

    def close(self):
        self.bash.stdin.close()
        self.bash.stdout.close()
        self.bash.wait()
