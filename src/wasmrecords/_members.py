"""Members of a manifest's objects, each checked: what is in them is a stranger's."""

from __future__ import annotations

import re
from typing import Any

from ._text import clean_repr, clean_text

_DEEPEST = 128
_MOST_WORDS = 64
_LONGEST_NAME = 64
_LONGEST_PROSE = 2000
_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

Members = dict[str, Any]


class Wrong(Exception):
    """One member is not what it must be."""


def text(members: Members, name: str, longest: int) -> str | None:
    """A text, cleaned and cut."""
    value = members.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Wrong(f"{name}: expected a string, found {kind(value)}")
    return clean_text(value, longest)


def prose(members: Members, name: str) -> str | None:
    """A text whose lines stay lines; all else of it is cleaned, and cut."""
    value = members.get(name)
    if not isinstance(value, str):
        return text(members, name, _LONGEST_PROSE)
    lines = [clean_text(line, _LONGEST_PROSE) for line in value[: _LONGEST_PROSE + 1].split("\n")]
    clean = "\n".join(lines)
    return clean if len(clean) <= _LONGEST_PROSE else f"{clean[: _LONGEST_PROSE - 1]}…"


def flag(members: Members, name: str) -> bool | None:
    """True or false."""
    value = members.get(name)
    if not isinstance(value, (bool, type(None))):
        raise Wrong(f"{name}: expected true or false, found {kind(value)}")
    return value


def words(members: Members, name: str, empty: bool = False) -> tuple[str, ...] | None:
    """An array of words, which may be ``empty``."""
    values = members.get(name)
    if values is None:
        return None
    if not isinstance(values, list):
        raise Wrong(f"{name}: expected an array of words, found {kind(values)}")
    if not (values or empty) or len(values) > _MOST_WORDS:
        raise Wrong(f"{name}: expected {0 if empty else 1} to {_MOST_WORDS} words, found {len(values):,}")
    for value in values:
        if not isinstance(value, str):
            raise Wrong(f"{name}: expected words, found {kind(value)}")
        if not _WORD.fullmatch(value):
            raise Wrong(f"{name}: expected a word of A-Z a-z 0-9 _ . : -, found {clean_repr(value)}")
    return tuple(values)


def schema(members: Members, name: str) -> Any:
    """A JSON Schema, which is not nested too deep. Nothing else is known of it."""
    value = members.get(name)
    if not isinstance(value, (dict, bool, type(None))):
        raise Wrong(f"{name}: expected a JSON Schema (an object or a boolean), found {kind(value)}")
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise Wrong(f"{name}: expected at most {_DEEPEST} levels of nesting")


def called(members: Members) -> str:
    """The name of a transform, function or parameter: a word, or an identifier of any script."""
    value = members.get("name")
    if not isinstance(value, str):
        raise Wrong(f"name: expected a string, found {kind(value)}")
    if not (_WORD.fullmatch(value) or (value.isidentifier() and value.isprintable())):
        raise Wrong(f"name: expected a word of A-Z a-z 0-9 _ . : -, found {clean_repr(value)}")
    if len(value) > _LONGEST_NAME:
        raise Wrong(f"name: expected at most {_LONGEST_NAME} characters, found {len(value):,}")
    return value


def objects(members: Members, name: str, most: int) -> list[Members]:
    """An array of ``most`` objects at the most."""
    values = members.get(name)
    if values is None:
        return []
    if not isinstance(values, list):
        raise Wrong(f"{name}: expected an array of objects, found {kind(values)}")
    if len(values) > most:
        raise Wrong(f"{name}: expected at most {most:,}, found {len(values):,}")
    for at, value in enumerate(values):
        if not isinstance(value, dict):
            raise Wrong(f"{name}[{at}]: expected an object, found {kind(value)}")
    return values


def kind(value: Any) -> str:
    """What a JSON value is, in words."""
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
