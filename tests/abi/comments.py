# SPDX-License-Identifier: MIT
"""What the comments of the plugin interface say of laws, threads, constants, members and functions.

A comment belongs to the declarations that end on its line, and in the middle of one to the name before it. On a line of its own
inside of a struct it belongs to what follows, up to the next declaration that has a comment.
"""
import re
from typing import NamedTuple

TAGS = ("load", "scanner", "call", "any")
# Of use to the header alone.
INTERNAL = {"ME_NOTE", "ME_EXPORT", "ME_NOEXCEPT", "ME_NOTE_ATTRIBUTES"}


class Declaration(NamedTuple):
    names: list
    comment: str


def joined(comment):
    return re.sub(r"\s*\n\s*\*?\s*", " ", comment).strip()


def preamble(text):
    return joined(re.search(r"/\* Microengine plugin ABI(.*?)\*/", text, re.S)[1])


def laws(text):
    found = re.findall(r"\b(L\d+) (.*?)(?= L\d+ | Thread tags:)", preamble(text))
    if [law for law, _ in found] != [f"L{i}" for i in range(1, len(found) + 1)] or not found:
        raise ValueError("the laws in plugin.h are not L1, L2, …")
    return found


def thread_tags(text):
    found = re.findall(r"\[(\w+)\] (.*?\.)(?= \[|$)", preamble(text).split("Thread tags:")[1])
    if tuple(tag for tag, _ in found) != TAGS:
        raise ValueError(f"the thread tags in plugin.h are {found}; teach tests/abi/comments.py")
    return found


def tagged(comment, what):
    """(tag, the rest) of a function's comment."""
    found = re.match(r"\[(\w+)\]\s*(.*)", comment, re.S)
    if not found or found[1] not in TAGS:
        raise ValueError(f"{what} has no thread tag: its comment begins with one of {TAGS} in brackets")
    return f"`[{found[1]}]`", found[2]


def constants(text):
    """{name: (as written, comment)}"""
    return {name: (written.strip().strip("()"), joined(comment or ""))
            for name, written, comment in re.findall(r"^#define (\w+)(?![\w(]) +([^\n]+?) *(?:/\*(.*?)\*/[^\n]*)?$", text, re.M | re.S)}


def macros(text):
    """(NAME(PARAMETERS), comment) of what authors in C write; the comment is on the line or on the one before."""
    found = []
    for before, name, parameters, rest in re.findall(r"(?:^/\* ([^\n]*?) \*/\n)?^#define (\w+)\(([^)]*)\)([^\n]*)", text, re.M):
        if name not in INTERNAL:
            own = re.search(r"/\*(.*?)\*/", rest)
            found.append((f"{name}({parameters})", own[1].strip() if own else before))
    return found


def body(text, name):
    """(the line's rest behind the brace, all up to the closing brace, what stands behind it on its line)"""
    found = re.search(rf"typedef struct {name} *\{{([^\n]*)(.*?)\}} *{name};([^\n]*)", text, re.S)
    whole = re.search(rf"typedef struct {name} *\{{([^\n]*?)\}} *{name};([^\n]*)", text)
    return (whole[1], "", whole[2]) if whole else (found[1], found[2], found[3])


def names_of(declaration):
    slot = re.search(r"\(\*(\w+)\)\(", declaration)
    return [slot[1]] if slot else re.findall(r"(\w+)(?:\[\d+\])?\s*(?=,|$)", declaration)


def struct(text, name):
    """(what it is, its declarations)"""
    first, middle, behind = body(text, name)
    about = joined(" ".join(re.findall(r"/\*(.*?)\*/", first)))
    source = re.sub(r"/\*.*?\*/", " ", first) + middle
    declarations, pending, group, own_line = [], "", "", True
    for comment, semicolon, newline, word in re.findall(r"/\*(.*?)\*/|(;)|(\n)|([^;\n/]+|/)", source, re.S):
        if word:
            pending += word
        elif semicolon:
            declarations.append(Declaration(names_of(pending.replace("ME_NOEXCEPT", "").strip()), group))
            pending, own_line = "", False
        elif newline:
            own_line = True
        elif pending.strip():   # in the middle of a declaration
            declarations.append(Declaration([], f"{names_of(pending.strip())[-1]}: {joined(comment)}"))
        elif own_line:
            group = joined(comment)
        else:
            declarations[-1] = Declaration(declarations[-1].names, joined(comment))
            group = ""
    last = " ".join(re.findall(r"/\*(.*?)\*/", behind)).strip()
    if last.startswith("["):
        declarations[-1] = Declaration(declarations[-1].names, last)
    else:
        about = f"{about} {last}".strip()
    return about, merged(declarations)


def merged(declarations):
    """Remarks in the middle of a declaration join it."""
    done, remark = [], ""
    for names, comment in declarations:
        if not names:
            remark = comment
            continue
        done.append(Declaration(names, "; ".join(filter(None, (remark, comment)))))
        remark = ""
    return done
