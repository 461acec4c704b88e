# SPDX-License-Identifier: MIT
"""What scan() returned, read strictly: an answer that is none is an error, never benign."""
import json
import logging

import _microengine

from .trouble import say, utf8

FAILED = (0, -1, "", "", "")  # state, confidence, name, family, detail of a scan without an answer
BIT, VERDICT = 2, 1  # bits of the state: asserts, and asserts malice
MOST_NAME, MOST_FAMILY, MOST_DETAIL = 256, 64, 65536

logger = logging.getLogger("microengine_bridge")


def shown(value):
    try:
        text = repr(value)
    except Exception:
        text = "…"
    return f"{type(value).__name__} {utf8(text, 80)}"


def flag(value, what):
    if value is True or value is False or (type(value) is int and value in (0, 1)):
        return bool(value)
    raise TypeError(f"scan() returned a result whose {what} is no bool: {shown(value)}")


def basis_points(value):
    """Of a confidence from 0 to 1; -1: it has none."""
    if value is None:
        return -1
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"scan() returned a result whose confidence is no number: {shown(value)}")
    if not 0 <= value <= 1:  # which NaN is not either
        raise ValueError(f"scan() returned a result whose confidence is not from 0 to 1: {shown(value)}")
    return round(value * 10000)


def parts(result):
    """(bit, verdict, confidence, metadata) of a ScanResult, or of the tuple that scanners once returned."""
    if isinstance(result, tuple) and len(result) == 3:
        return result[0], result[1], None, result[2]
    if not hasattr(result, "bit") or not hasattr(result, "verdict"):
        raise TypeError(f"scan() returned no ScanResult: {shown(result)}")
    return result.bit, result.verdict, getattr(result, "confidence", None), getattr(result, "metadata", None)


def read_metadata(metadata):
    """A dict: of a Verdict, of JSON, or of plain text, which is a family's name."""
    if callable(getattr(metadata, "json", None)):
        metadata = metadata.json()
    if not metadata:
        return {}
    if isinstance(metadata, str):
        try:
            metadata = json.loads(metadata)
        except ValueError:
            return {"malware_family": metadata}
    if isinstance(metadata, str):
        return {"malware_family": metadata}
    if not isinstance(metadata, dict):
        raise TypeError(f"its metadata is no dict, JSON or Verdict: {shown(metadata)}")
    return dict(metadata)


def detection(metadata, otherwise):
    """(name, family, detail). A mistake in metadata does not cost the verdict."""
    try:
        values = read_metadata(metadata)
        family = values.pop("malware_family", None)
        name = utf8(family.strip(), MOST_NAME) if isinstance(family, str) else ""
        family = utf8(name, MOST_FAMILY)
        detail = json.dumps(values, allow_nan=False) if values else ""
    except Exception as error:
        logger.warning("metadata is left out: %s", say(error))
        return otherwise, "", ""
    return name or otherwise, family, detail if len(detail) <= MOST_DETAIL else ""


def read_answer(result, name):
    """What Session.scan() returns; raises for what is no answer."""
    bit, verdict, confidence, metadata = parts(result)
    state = BIT * flag(bit, "bit") + VERDICT * flag(verdict, "verdict")
    points = basis_points(confidence)
    otherwise = f"{name}.malicious" if state & BIT else f"{name}.suspicious"
    found = detection(metadata, otherwise) if state & VERDICT else ("", "", "")
    return (_microengine.OK, "", state, points, *found)
