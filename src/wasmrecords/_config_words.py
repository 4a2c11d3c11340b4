"""What is wrong with a config in the words that its author needs.

A JSON Schema engine says the first thing that does not hold: of an optional value that no alternative
matches, and of a name that is misspelt that the right one is missing. Here a part of the schema is asked
again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ._outcome import Failure
from ._text import closest

Check = Callable[[Any, bytes], Failure | None]
"""Why a text does not match a schema, None if it does."""
_REFERS = re.compile(r'"\$(?:dynamic|recursive)?[rR]ef"')
_DEEPEST = 32
"""Optional values in optional values into which anybody looks."""


def in_words(failure: Failure, schema: Any, text: bytes, check: Check) -> Failure:
    """The failure of a text, or one that says more. Its place is in the same text."""
    for _ in range(_DEEPEST):
        holder, keyword = _keyword(schema, failure.schema_path)
        part, value = _part(holder, keyword), _value(text, failure.offset)
        # A reference would be looked for from the root.
        if part is None or value is None or _REFERS.search(json.dumps(part)):
            break
        if "$schema" in schema:
            part = {"$schema": schema["$schema"]} | part
        found = check(part, value)
        if found is None or not _says_more(failure, found):
            break
        failure = replace(
            found, offset=failure.offset + found.offset, path=failure.path + found.path.removeprefix("$")
        )
        schema = part
    return _with_word(failure, schema, text)


def _keyword(schema: Any, pointer: str | None) -> tuple[Any, str]:
    """The schema in which a keyword stands, None if the pointer alone does not lead there; the keyword."""
    *steps, keyword = (pointer or "#").split("/")
    for step in steps[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(schema, dict):
            schema = schema.get(step)
        elif isinstance(schema, list) and step.isdecimal() and int(step) < len(schema):
            schema = schema[int(step)]
        else:
            return None, keyword
    return schema, keyword


def _part(holder: Any, keyword: str) -> dict[str, Any] | None:
    """The schema that says more than the one which does not hold, None if none does."""
    if not isinstance(holder, dict):
        return None
    found = holder.get(keyword)
    if keyword in ("anyOf", "oneOf") and isinstance(found, list):
        others = [inner for inner in found if inner != {"type": "null"}]
        alone = len(others) == 1 and len(found) == 2
        return others[0] if alone and isinstance(others[0], dict) else None
    if keyword == "required" and holder.get("additionalProperties") is False:
        return {name: value for name, value in holder.items() if name != "required"}
    return None


def _says_more(failure: Failure, found: Failure) -> bool:
    if failure.code == "required":
        return found.code == "additionalProperties"
    # That null would do as well is known of the type alone.
    return found.code != "type" or found.path != "$"


def _with_word(failure: Failure, schema: Any, text: bytes) -> Failure:
    """With the nearest of some words."""
    holder, keyword = _keyword(schema, failure.schema_path)
    words = holder.get("enum") if keyword == "enum" and isinstance(holder, dict) else None
    if not isinstance(words, list):
        return failure
    found = _value(text, failure.offset)
    value = None if found is None else json.loads(found)
    if not isinstance(value, str):
        return failure
    near = closest(value, [word for word in words if isinstance(word, str)])
    if near is None:
        return failure
    hint = f"; did you mean {json.dumps(near, ensure_ascii=False)}?"
    return replace(failure, message=failure.message + hint)


def _value(text: bytes, offset: int) -> bytes | None:
    """The value that begins at a byte of a JSON text, None if none does."""
    try:
        rest = text[offset:].decode()
        _, end = json.JSONDecoder().raw_decode(rest)
    except (ValueError, RecursionError):
        return None
    return rest[:end].encode()
