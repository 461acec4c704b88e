# SPDX-License-Identifier: MIT
"""What the headers of the plugin interface declare: their structs with every member, and their constants.

What the parser does not understand is an error, so that nothing new in a header can go unseen.
"""
import re
import subprocess
import tempfile
from pathlib import Path

TODAY = Path(__file__).resolve().parents[2] / "sdk" / "include"
HEADERS = ("plugin.h", "plugin_ext.h")
# Object-like macros without a value to compare.
NO_VALUE = {"ME_EXPORT", "ME_NOEXCEPT", "ME_NOTE_ATTRIBUTES", "ME_CARD_END", "MICROENGINE_PLUGIN_H",
            "MICROENGINE_PLUGIN_EXT_H"}


def text_of(include):
    text = "\n".join((Path(include) / "microengine" / name).read_text(encoding="utf-8") for name in HEADERS)
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def constants(text):
    found = re.findall(r"^\s*#\s*define\s+(\w+)(?![\w(])", text, flags=re.M)
    return [name for name in dict.fromkeys(found) if name not in NO_VALUE]


def members(body):
    for declaration in filter(None, (" ".join(part.split()) for part in body.split(";"))):
        slot = re.fullmatch(r"(.+?)\(\*(\w+)\)(\(.*\)) ME_NOEXCEPT", declaration)
        if slot:
            yield slot[2], f"{slot[1].strip()} (*){slot[3]}"
            continue
        first, *more = declaration.split(",")
        start = re.fullmatch(r"((?:const )?\w+)\s+(\**\w+(?:\[\d+\])?)", first)
        if not start:
            raise ValueError(f"cannot read this declaration of a member: '{declaration}'; teach tests/abi/header.py to")
        for name in (start[2], *more):
            part = re.fullmatch(r"\s*(\**)(\w+)((?:\[\d+\])?)\s*", name)
            if not part:
                raise ValueError(f"cannot read '{name}' in '{declaration}'; teach tests/abi/header.py to")
            yield part[2], f"{start[1]}{part[1]}{part[3]}"


def structs(text):
    # Members of a later minor stand in #if ME_TARGET_MINOR: all of them are read, and layout() compiles for the latest.
    text = "\n".join(line for line in text.splitlines() if not line.rstrip().endswith("\\") and "sym ME_NOTE" not in line
                     and not re.match(r"\s*#", line))
    bodies = re.findall(r"typedef struct (\w+)\s*\{(.*?)\}\s*\1;", text, flags=re.S)
    named = set(re.findall(r"\bstruct\s+(\w+)\s*\{", text))
    unread = named - {name for name, _ in bodies}
    if unread:
        raise ValueError(f"cannot read these structs: {sorted(unread)}; write them as 'typedef struct x {{ … }} x;'")
    return {name: list(members(body)) for name, body in bodies}


def layout(include, compiler):
    """{what: value}: 'struct x' to its size, 'member x.y' to offset, size and type, 'constant C' to its value."""
    text = text_of(include)
    lines = []
    for struct, its in structs(text).items():
        lines.append(f'printf("struct {struct}\\t%zu\\n", sizeof({struct}));')
        for name, kind in its:
            lines.append(f'printf("member {struct}.{name}\\t%zu %zu {kind}\\n", offsetof({struct}, {name}),'
                         f" sizeof((({struct} *)0)->{name}));")
    for name in constants(text):
        lines.append(f'SHOW({name});')
    program = ('#include <microengine/plugin_ext.h>\n#include <stdio.h>\n'
               'static void number(const char *n, long long v) { printf("constant %s\\t%lld\\n", n, v); }\n'
               'static void word(const char *n, const char *v) { printf("constant %s\\t\\"%s\\"\\n", n, v); }\n'
               '#define SHOW(c) _Generic((c), char *: word, const char *: word, default: number)(#c, (c))\n'
               "int main(void) {\n" + "\n".join(lines) + "\nreturn 0; }\n")
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "layout"
        subprocess.run([compiler, "-std=c11", "-DME_TARGET_MINOR=ME_ABI_MINOR", f"-I{include}", "-xc", "-", "-o", binary],
                       input=program, text=True, check=True)
        out = subprocess.run([binary], capture_output=True, text=True, check=True).stdout
    found = dict(line.split("\t", 1) for line in out.splitlines())
    found.pop("constant ME_TARGET_MINOR", None)  # chosen by each plugin
    return found
