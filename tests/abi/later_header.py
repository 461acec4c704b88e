# SPDX-License-Identifier: MIT
"""Tomorrow's header, made from today's: everything that may grow has grown by one member, as sdk/EVOLUTION.md wants it."""
import re
from pathlib import Path

import header

# To the tail of each struct that may grow.
TAILS = {"me_setting": "char later[8];", "me_request": "uint64_t later;", "me_result": "uint64_t later;",
         "me_detection": "me_string later;", "me_host_v1": "me_status (*later)(me_call *c) ME_NOEXCEPT;",
         "me_plugin_v1": "const void *(*later)(const char *id) ME_NOEXCEPT;", "me_signatures": "uint64_t later;",
         "me_ext_signatures": "void (*later)(me_backend *b) ME_NOEXCEPT;", "me_canary": "uint64_t later;",
         "me_ext_selftest": "void (*later)(me_backend *b) ME_NOEXCEPT;"}


def replace(text, pattern, by):
    text, times = re.subn(pattern, lambda _: by, text)
    if times != 1:
        raise ValueError(f"'{pattern}' is {times} times in today's headers; teach tests/abi/later_header.py the new form")
    return text


def minor():
    return 1 + int(re.search(r"#define ME_ABI_MINOR (\d+)", header.text_of(header.TODAY))[1])


def later(text, name):
    """One of today's headers, changed; name: which."""
    if name == "plugin.h":
        text = replace(text, r"#define ME_ABI_MINOR \d+", f"#define ME_ABI_MINOR {minor()}")
        # What was reserved may come to mean something; the sizes are asserted anew.
        text = replace(text, r"reserved1\[96\]", "later[32], reserved1[64]")
        text = replace(text, r"URL, \{0\} \} \}", 'URL, "later", {0} } }')
        text = replace(text, r"typedef char me_assert_sizes.*", "")
    for struct, member in TAILS.items():
        if f"typedef struct {struct} " in text:
            text = replace(text, rf"\s*\}} {struct};", f"\n#if ME_TARGET_MINOR >= {minor()}\n    {member}\n#endif\n}} {struct};")
    return text


def write(folder, change=later):
    """The include folder with today's headers, each as change(text, name) makes it."""
    out = Path(folder) / "microengine"
    out.mkdir(parents=True)
    for name in header.HEADERS:
        text = (header.TODAY / "microengine" / name).read_text(encoding="utf-8")
        (out / name).write_text(change(text, name), encoding="utf-8")
    return out.parent
