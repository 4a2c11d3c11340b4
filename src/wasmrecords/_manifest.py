"""The manifest: what a module says of itself, in a custom section, read without running it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ._errors import ModuleError
from ._text import clean_text

SECTION = "wasmrecords.manifest"
_LARGEST = 1024 * 1024
_DEEPEST = 128
_MOST_WORDS = 64
_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What docs/abi.md lists, with its defaults. Texts are cleaned and cut; schemas are JSON values."""

    name: str = "module"
    version: str | None = None
    description: str | None = None
    input: tuple[str, ...] = ("ndjson",)
    output: tuple[str, ...] = ("ndjson",)
    outputs: tuple[str, ...] = ("main",)
    config_schema: Any = None
    input_schema: Any = None
    output_schema: Any = None
    capabilities: tuple[str, ...] = ()
    stateful: bool = False
    sdk: str | None = None


def read_manifest(content: bytes, offset: int = 0) -> Manifest:
    """The manifest in a section's content, which begins at byte ``offset`` of the module.

    Members that are unknown are for later versions and passed over. Raises :class:`ModuleError`.
    """
    if len(content) > _LARGEST:
        raise ModuleError(
            f"the manifest: expected at most 1 MiB, found {len(content):,} bytes", offset=offset
        )
    try:
        members = json.loads(content.decode())
    except UnicodeDecodeError as error:
        raise ModuleError("the manifest: expected UTF-8", offset=offset + error.start) from None
    except json.JSONDecodeError as error:
        place = offset + len(content.decode()[: error.pos].encode())
        raise ModuleError(f"the manifest: not JSON: {error.msg}", offset=place) from None
    except (ValueError, RecursionError):  # ValueError: an integer of more than 4,300 digits
        raise ModuleError("the manifest: numbers too long or nested too deep", offset=offset) from None
    try:
        return _manifest(members)
    except _Wrong as wrong:
        raise ModuleError(f"the manifest: {wrong}", offset=offset) from None


class _Wrong(Exception):
    """One member is not what it must be."""


def _manifest(members: Any) -> Manifest:
    if not isinstance(members, dict):
        raise _Wrong(f"expected an object, found {_kind(members)}")
    abi = members.get("abi")
    if isinstance(abi, bool) or abi != 1:
        found = "nothing" if abi is None else clean_text(json.dumps(abi), 40)
        raise _Wrong(f"abi: expected 1, found {found}: this version runs modules of ABI version 1 only")
    stateful = members.get("stateful", False)
    if not isinstance(stateful, bool):
        raise _Wrong(f"stateful: expected true or false, found {_kind(stateful)}")
    outputs = _words(members, "outputs", ("main",))
    if len(set(outputs)) != len(outputs):
        raise _Wrong("outputs: expected different names")
    return Manifest(
        name=_text(members, "name", 64) or "module",
        version=_text(members, "version", 64),
        description=_text(members, "description", 500),
        input=_words(members, "input", ("ndjson",)),
        output=_words(members, "output", ("ndjson",)),
        outputs=outputs,
        config_schema=_schema(members, "config_schema"),
        input_schema=_schema(members, "input_schema"),
        output_schema=_schema(members, "output_schema"),
        capabilities=_words(members, "capabilities", (), empty=True),
        stateful=stateful,
        sdk=_text(members, "sdk", 64),
    )


def _text(members: dict[str, Any], name: str, longest: int) -> str | None:
    value = members.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Wrong(f"{name}: expected a string, found {_kind(value)}")
    return clean_text(value, longest)


def _words(
    members: dict[str, Any], name: str, default: tuple[str, ...], empty: bool = False
) -> tuple[str, ...]:
    values = members.get(name)
    if values is None:
        return default
    if not isinstance(values, list):
        raise _Wrong(f"{name}: expected an array of words, found {_kind(values)}")
    if not (values or empty) or len(values) > _MOST_WORDS:
        raise _Wrong(f"{name}: expected {0 if empty else 1} to {_MOST_WORDS} words, found {len(values):,}")
    for value in values:
        if not isinstance(value, str):
            raise _Wrong(f"{name}: expected words, found {_kind(value)}")
        if not _WORD.fullmatch(value):
            raise _Wrong(
                f"{name}: expected a word of A-Z a-z 0-9 _ . : -, found {clean_text(repr(value), 80)}"
            )
    return tuple(values)


def _schema(members: dict[str, Any], name: str) -> Any:
    value = members.get(name)
    if not isinstance(value, (dict, bool, type(None))):
        raise _Wrong(f"{name}: expected a JSON Schema (an object or a boolean), found {_kind(value)}")
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise _Wrong(f"{name}: expected at most {_DEEPEST} levels of nesting")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
