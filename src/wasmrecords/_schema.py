"""JSON Schemas from what Python programs already have: files, dicts, and the models of other libraries."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ._errors import NestingLimit, RecipeError

_DEEPEST = 128
_LARGEST = 16 * 1024 * 1024


def schema_text(source: Any) -> str:
    """The schema as JSON text.

    ``source`` is a path, JSON text (a ``str`` or ``bytes`` that begins with ``{``, or ``true`` or
    ``false``), a dict or bool, a pydantic model, a msgspec Struct, a dataclass or a TypedDict.

    Raises :class:`RecipeError` for what is no schema, :class:`TypeError` for what cannot be one or needs
    a library that is not installed.
    """
    if isinstance(source, (dict, bool)):
        return _dumped(source)
    if isinstance(source, (bytes, bytearray)):
        return _checked(_decoded(bytes(source), "the text"))
    if isinstance(source, str):
        if not _is_text(source):
            return _read(Path(source))
        text = source.removeprefix("\ufeff")
        if not text.strip():
            raise RecipeError("expected a path or JSON text, found an empty text", kind="schema")
        return _checked(text)
    if isinstance(source, os.PathLike):
        return _read(Path(source))
    if isinstance(source, type) or _is_annotated(source):
        return _dumped(_of_type(source))
    raise TypeError(
        "schema: expected a path, a dict, JSON text, a pydantic model, a msgspec Struct, a dataclass or a "
        f"TypedDict, found {type(source).__name__}"
    )


def schema_file(source: Any) -> Path | None:
    """The file that :func:`schema_text` reads for ``source``, None if it reads none."""
    if isinstance(source, os.PathLike):
        return Path(source)
    return Path(source) if isinstance(source, str) and not _is_text(source) else None


def _is_text(source: str) -> bool:
    text = source.removeprefix("\ufeff").strip()
    return text.startswith("{") or text in ("", "true", "false")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise RecipeError(f"the file {path} does not exist", kind="schema") from None
    except OSError as error:
        raise RecipeError(f"the file {path} cannot be read: {error.strerror}", kind="schema") from None
    except ValueError as error:  # a NUL byte within the name
        raise RecipeError(f"the file {str(path)!r} cannot be read: {error}", kind="schema") from None
    if len(data) > _LARGEST:
        raise RecipeError(f"the file {path} is larger than 16 MiB: no schema is", kind="schema")
    return _checked(_decoded(data, str(path)))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{name} is not UTF-8 (byte {error.start})", kind="schema") from None


def _checked(text: str) -> str:
    """Refuses what is no JSON here, where the place is easily shown; the guest checks the rest."""
    try:
        # Python refuses to read an integer of 4,301 digits, JSON does not; nobody looks at these numbers.
        value = json.loads(text, parse_constant=_no_constant, parse_int=float)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode("utf-8", "surrogatepass"))
        found = "the end" if error.pos >= len(text.rstrip()) else repr(text[error.pos])
        raise RecipeError(
            f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}, found {found}",
            kind="schema",
            text=text,
            offset=offset,
        ) from None
    except RecursionError:
        raise _too_deep() from None
    if not isinstance(value, (dict, bool)):
        raise RecipeError(f"expected an object or a boolean, found {_kind(value)}", kind="schema")
    _check_depth(value)
    _check_unicode(text)
    return text


def _dumped(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except RecursionError:
        raise _too_deep() from None
    except (TypeError, ValueError) as error:
        raise RecipeError(f"not JSON: {error}", kind="schema") from None
    _check_depth(value)
    _check_unicode(text)
    return text


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RecipeError(
            f"not JSON: a lone surrogate is no text, found {text[error.start]!r}", kind="schema"
        ) from None


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(_DEEPEST):
        items = [item for holder in level for item in _items(holder)]
        level = [item for item in items if isinstance(item, (dict, list, tuple))]
        if not level:
            return
    raise _too_deep()


def _items(value: Any) -> Iterable[Any]:
    """What an object or array holds; nothing of any other value."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


def _too_deep() -> NestingLimit:
    return NestingLimit(f"the schema is nested deeper than {_DEEPEST} levels", value=_DEEPEST)


def _no_constant(name: str) -> Any:
    raise RecipeError(f"{name} is not JSON", kind="schema")


def _kind(value: Any) -> str:
    names = {list: "an array", str: "a string", int: "a number", float: "a number", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def _is_annotated(source: Any) -> bool:
    return hasattr(source, "__origin__")


def _of_type(source: Any) -> Any:
    """By the library that the type belongs to; plain types by whichever is installed."""
    if hasattr(source, "model_json_schema"):
        import pydantic

        try:
            return source.model_json_schema(by_alias=True)
        except pydantic.PydanticUserError as error:
            raise TypeError(f"schema: {error.message}") from None
    msgspec = sys.modules.get("msgspec")
    if msgspec is not None and isinstance(source, type) and issubclass(source, msgspec.Struct):
        try:
            return msgspec.json.schema(source)
        except TypeError as error:
            raise TypeError(f"schema: {error}") from None
    if not (dataclasses.is_dataclass(source) or hasattr(source, "__total__") or _is_annotated(source)):
        name = getattr(source, "__name__", repr(source))
        raise TypeError(f"schema: {name} is no pydantic model, msgspec Struct, dataclass or TypedDict")
    refused = None
    try:
        import pydantic
    except ImportError:
        pass
    else:
        try:
            return pydantic.TypeAdapter(source).json_schema()
        except pydantic.PydanticUserError as error:  # as typing.TypedDict before Python 3.12
            refused = error.message
    try:
        import msgspec as installed
    except ImportError:
        raise TypeError(
            f"schema: {refused}"
            if refused
            else "schema: dataclasses and TypedDicts need pydantic or msgspec to be read: "
            "pip install 'wasmrecords[pydantic]' or 'wasmrecords[msgspec]'"
        ) from None
    try:
        return installed.json.schema(source)
    except TypeError as error:
        raise TypeError(f"schema: {refused or error}") from None
