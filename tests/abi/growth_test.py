#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""growth_test.py: the layout and changelog tests themselves, on headers changed as a maintainer might change them."""
import re
import sys
import tempfile

import changelog_test
import header
import later_header
import layout_test

TAIL = "member me_plugin_v1.later"
# what was done: (pattern, replacement, problems that must be told; None: none but lines to add)
CHANGES = {
    "a member at the tail": (r"\n} me_plugin_v1;", "\n    uint64_t later;\n} me_plugin_v1;", None),
    "a new bit": (r"#define ME_CAP_DETERMINISTIC", "#define ME_CAP_LATER 0x40000000u\n#define ME_CAP_DETERMINISTIC", None),
    "a higher minor": (r"#define ME_ABI_MINOR \d+", f"#define ME_ABI_MINOR {later_header.minor()}", None),
    "a member in the middle": (r"    uint64_t bytes_scanned;\n\} me_result", "    uint64_t later, bytes_scanned;\n} me_result",
                               ["'member me_result.bytes_scanned' was 16 8 uint64_t and is now 24 8 uint64_t"]),
    "two members swapped": (r"data; uint64_t size; \} me_string", "size; uint64_t data; } me_string", ["'member me_string.data'"]),
    "a member removed": (r"    uint64_t bytes_scanned;\n\} me_result", "} me_result", [
        "'member me_result.bytes_scanned' is gone", "'struct me_result' shrank from 24 to 16"]),
    "a member of another type": (r"    int32_t  verdict;            /\* ME", "    uint32_t verdict;            /* ME", [
        "'member me_result.verdict' was 4 4 int32_t and is now 4 4 uint32_t"]),
    "a function with one more argument": (r"\(\*backend_close\)\(me_backend \*b\)", "(*backend_close)(me_backend *b, me_call *c)", [
        "'member me_plugin_v1.backend_close' was"]),
    "a number reused": (r"ME_E_LIMIT        \(-7\)", "ME_E_LIMIT       (-70)", ["'constant ME_E_LIMIT' was -7 and is now -70"]),
    "a constant renamed": (r"ME_CAP_POLLS_STOP ", "ME_CAP_POLLS ", ["'constant ME_CAP_POLLS_STOP' is gone", "'constant ME_CAP_POLLS' has no line"]),
    "another note type": (r"#define ME_NOTE_TYPE 0x4D450001u", "#define ME_NOTE_TYPE 0x4D450002u", ["'constant ME_NOTE_TYPE' was"]),
}
ONLY_TO_ADD = re.compile(r"has no line: add it|grew from \d+ to \d+: add its line")


def layout_of(change):
    pattern, by, _ = change
    with tempfile.TemporaryDirectory() as folder:
        # Inserted with the minor of today: what was asked for is the layout, not who sees it.
        include = later_header.write(f"{folder}/include", lambda text, name: later_header.replace(text, pattern, by)
                                     if name == "plugin.h" else text)
        return header.layout(include, "gcc")


def layout_problems(golden):
    for what, change in CHANGES.items():
        told = layout_test.problems_with(golden, layout_of(change))
        if change[2] is None and not (told and all(ONLY_TO_ADD.search(one) for one in told)):
            yield f"{what}: only lines to add were expected, told was {told}"
        for wanted in change[2] or ():
            if not any(wanted in one for one in told):
                yield f"{what}: expected \"{wanted}\", told was {told}"


def changelog_problems(golden):
    first = [line for line in golden if line[0] == 0]
    frozen = {what: value for _, what, value in first}
    grown = [*first, (1, TAIL, "72 8 uint64_t"), (1, "struct me_plugin_v1", "80"), (0, "constant ME_CAP_LATER", "64"),
             (1, "constant ME_ABI_MINOR", "1")]
    cases = {"": 3, "me_plugin_v1.later and ME_CAP_LATER": 1, "## ABI 1.1\n- `me_plugin_v1.later`, `ME_CAP_LATER`: why": 0,
             "## ABI 1.10\n- `me_plugin_v1.later2`, `ME_CAP_LATERAL`": 3}
    for text, number in cases.items():
        told = changelog_test.untold(frozen, grown, text)
        if len(told) != number:
            yield f"changelog '{text}': {number} untold were expected, told was {told}"


def main():
    golden = layout_test.read_golden()
    problems = [*layout_problems(golden), *changelog_problems(golden)]
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    print(f"{len(CHANGES)} changes of the header tried, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
