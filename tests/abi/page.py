#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/plugin-abi.md, made of the two headers: layouts as gcc has them, words as the comments have them.

    page.py             fails if the page is stale, or if something of a header has no place on it
    page.py --write     rewrites it
"""
import os
import re
import sys
from pathlib import Path

import comments
import header

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "sdk/include"
PAGE = ROOT / "docs/plugin-abi.md"
# Every constant is in the first group that its name begins like.
GROUPS = (("Status codes", ("ME_OK", "ME_E_")), ("Verdicts", ("ME_UNKNOWN", "ME_BENIGN", "ME_SUSPICIOUS", "ME_MALICIOUS")),
          ("Confidence", ("ME_CONFIDENCE_",)), ("Artifact types", ("ME_ARTIFACT_",)), ("Promises (caps)", ("ME_CAP_",)),
          ("Needs", ("ME_NEED_",)), ("Settings", ("ME_SETTING_",)), ("Requests", ("ME_REQUEST_",)), ("Results", ("ME_RESULT_",)),
          ("Why a result is partial", ("ME_PARTIAL_",)), ("Log levels", ("ME_LOG_",)), ("Extensions", ("ME_EXT_", "ME_SIGNATURES_")),
          ("The interface itself", ("ME_ABI_", "ME_NOTE_TYPE", "ME_PLUGIN_ENTRY_")))
HEAD = """# The plugin interface, struct by struct

Made of `sdk/include/microengine/plugin.h` and `plugin_ext.h` by `tests/abi/page.py --write`: change those, not this page. Offsets and sizes are in bytes,
on 64-bit Linux. [The author's guide](plugin-author-guide.md) explains it; [sdk/EVOLUTION.md](../sdk/EVOLUTION.md) says how it may grow.
"""


def cell(text):
    """One line; code stays as it is."""
    text = re.sub(r"\s+", " ", text).strip().replace("|", "\\|")
    return text if text.startswith("`") else text.replace("*", "\\*")


def table(head, rows):
    return "\n".join([f"| {' | '.join(head)} |", "| --- " * len(head) + "|"] + [f"| {' | '.join(map(cell, row))} |" for row in rows]) + "\n"


def shown(value, written):
    """As it is written where that is a hexadecimal number, else its value."""
    return f"`{written.rstrip('u')}`" if written.startswith("0x") else f"`{value}`"


def constant_tables(text, layout):
    said = comments.constants(text)
    groups = {title: [] for title, _ in GROUPS}
    for name in header.constants(header.text_of(INCLUDE)):
        if name == "ME_TARGET_MINOR":
            continue
        title = next((title for title, starts in GROUPS if name.startswith(starts)), None)
        if title is None:
            raise ValueError(f"{name} has no place on {PAGE.name}: give it a group in tests/abi/page.py")
        written, comment = said[name]
        groups[title].append((f"`{name}`", shown(layout[f"constant {name}"], written), comment))
    return "\n".join(f"### {title}\n\n" + table(("constant", "value", ""), rows) for title, rows in groups.items() if rows)


def struct_tables(text, layout):
    parts = []
    for struct in header.structs(header.text_of(INCLUDE)):
        about, declarations = comments.struct(text, struct)
        plain, slots = [], []
        for declaration in declarations:
            places = [layout[f"member {struct}.{name}"].split(" ", 2) for name in declaration.names]
            if "(*)" in places[0][2]:
                tag, comment = comments.tagged(declaration.comment, f"{struct}.{declaration.names[0]}")
                slots.append((places[0][0], f"`{declaration.names[0]}`", tag, f"`{places[0][2].replace(' (*)', ' ', 1)}`", comment))
            else:
                kinds = {place[2] for place in places}
                kind = places[0][2] if len(kinds) == 1 else re.sub(r"\[\d+\]$", "[]", places[0][2])
                plain.append((", ".join(place[0] for place in places), ", ".join(place[1] for place in places),
                              ", ".join(f"`{name}`" for name in declaration.names), f"`{kind}`", declaration.comment))
        size = f"{layout['struct ' + struct]} bytes"
        parts.append(f"### {struct}\n\n" + (about if about.startswith(size) else f"{size}. {cell(about)}".rstrip()) + "\n")
        if plain:
            parts.append(table(("offset", "size", "member", "type", ""), plain))
        if slots:
            parts.append(table(("offset", "function", "thread", "type", ""), slots))
    return "\n".join(parts)


def page():
    text = "\n".join((INCLUDE / "microengine" / name).read_text(encoding="utf-8") for name in header.HEADERS)
    layout = header.layout(INCLUDE, "gcc")
    laws = "".join(f"- **{law}** {cell(words)}\n" for law, words in comments.laws(text))
    tags = table(("tag", "means"), [(f"`[{tag}]`", words) for tag, words in comments.thread_tags(text)])
    macros = table(("macro", ""), [(f"`{name}`", words) for name, words in comments.macros(text)])
    return "\n".join([HEAD, "## The laws\n", laws, "## Threads\n", tags, "## Constants\n", constant_tables(text, layout), "## Structs\n",
                      "The one exported function is `const me_plugin_v1 *me_plugin_entry_v1(void)`: pure, it returns constant data.\n",
                      struct_tables(text, layout), "## Macros\n", macros])


def main():
    text = page()
    if "--write" in sys.argv or os.environ.get("MICROENGINE_UPDATE_GOLDEN"):
        PAGE.write_text(text, encoding="utf-8")
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PAGE.relative_to(ROOT)}:1: stale; python3 tests/abi/page.py --write rewrites it")
    return 1


if __name__ == "__main__":
    sys.exit(main())
