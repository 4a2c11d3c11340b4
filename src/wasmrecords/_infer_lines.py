"""Lines of JSON as Python values, with all that a schema must know of their numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from ._digits import integer

# orjson reads integers over 64 bits as floats, a number too small for a float as 0, which it is not, and one
# too large not at all.
_SPECIAL = re.compile(rb"\d{19}|[eE][+-]?\d{3}")
_LEAST = 5e-324


def values_of(lines: bytes) -> Iterator[Any]:
    """The value of each line; each is JSON by RFC 8259."""
    for line in lines.split(b"\n"):
        if line:
            yield _exact(line) if _SPECIAL.search(line) else orjson.loads(line)


def _exact(line: bytes) -> Any:
    try:
        return json.loads(line, parse_int=integer, parse_float=_real)
    except RecursionError:
        return orjson.loads(line)


def _real(text: str) -> float:
    value = float(text)
    if value == 0 and re.search("[1-9]", re.split("[eE]", text)[0]):
        return -_LEAST if text.startswith("-") else _LEAST
    return value
