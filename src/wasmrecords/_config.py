"""The config of a module: its text, and whether it is what the module's manifest says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, NoReturn

from ._config_words import in_words
from ._documents import schema_config
from ._errors import ModuleError, RecipeError, WasmRecordsError
from ._libraries import Libraries
from ._limits import Limits
from ._manifest import Manifest
from ._module import shipped
from ._outcome import Failure
from ._recipe_text import RecipeText
from ._text import shown
from ._transform import Transform

_NONE, _EMPTY = b"null", b"{}"
_TAKES_EMPTY = {"type", "properties", "additionalProperties", "title", "description", "$schema", "required"}
"""The words of a schema of objects that need no member, which has not to be asked whether it takes none."""
_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")
"""Makes one line of a JSON text, with each byte where it was: no string of it has a line feed in it."""
_GIVEN_UP = {"time", "fuel", "memory", "stack", "output", "trap", "exit", "reply"}
"""Codes of a check that did not come to an end."""


class Config(NamedTuple):
    """JSON as the module gets it. ``given`` is the text that somebody wrote, None for a value of Python."""

    text: bytes
    given: str | None = None


def config_of(config: Any) -> Config:
    """A value that JSON can write, or bytes of JSON, which stay as they are. Raises :class:`RecipeError`."""
    if not isinstance(config, (bytes, bytearray)):
        try:
            return Config(json.dumps(config, ensure_ascii=False, allow_nan=False).encode())
        except (TypeError, ValueError, RecursionError) as error:
            raise RecipeError(f"not JSON: {error}", kind="config") from None
    try:
        given = config.decode()
        json.loads(given, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise RecipeError(f"not UTF-8 (byte {error.start:,})", kind="config") from None
    except json.JSONDecodeError as error:
        offset = len(given[: error.pos].encode())
        raise RecipeError(f"not JSON: {error.msg}", kind="config", text=given, offset=offset) from None
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"not JSON: {error}", kind="config") from None
    return Config(bytes(config).strip(b" \t\r\n"), given)


def check_config(config: Config, manifest: Manifest, notify: Callable[[str], None] | None) -> None:
    """Raises :class:`RecipeError` for a config that breaks the schema in the manifest, and
    :class:`ModuleError` for a schema that is none, or takes too long."""
    schema = manifest.config_schema
    if schema is None or (config.text in (_NONE, _EMPTY) and _takes_empty(schema)):
        return
    # No config at all is as one without members.
    texts = [_NONE, _EMPTY] if config.text == _NONE else [config.text]
    failures: list[Failure] = []
    with _validator(schema, notify) as valid:
        for text in texts:
            found = valid.run(text.translate(_ONE_LINE)).failures
            if not found:
                return
            failures += found
            if found[0].code in _GIVEN_UP:
                raise _useless(found[0].message)
    failure = failures[-1]
    if failure.code == "type" and failure.path == "$":
        failure = failures[0]
    else:
        failure = in_words(failure, schema, text.translate(_ONE_LINE), partial(_first, notify))
    if failure.code == "type" and failure.path == "$" and _is_text_of_json(config):
        failure = replace(failure, message=f"{failure.message}: a text of JSON is given as bytes")
    given = config.given
    blank = len(given) - len(given.lstrip(" \t\r\n")) if given is not None else 0
    raise RecipeError(
        failure.message, kind="config", text=given, offset=failure.offset + blank, path=failure.path
    )


def _is_text_of_json(config: Config) -> bool:
    """Whether somebody wrote a str of JSON, which is a string as a value."""
    return config.given is None and config.text[:1] == b'"' and json.loads(config.text).lstrip()[:1] == "{"


def _first(notify: Callable[[str], None] | None, schema: Any, text: bytes) -> Failure | None:
    """Why a text breaks a part of a schema, if that is found out."""
    with _validator(schema, notify) as valid:
        found = next(iter(valid.run(text).failures), None)
    return None if found is None or found.code in _GIVEN_UP else found


def check_schemas(manifest: Manifest) -> None:
    """Raises :class:`ModuleError` for a config schema that is none."""
    for schema in (manifest.config_schema, *(each.config_schema for each in manifest.transforms)):
        if schema is not None:
            _validator(schema, None).close()


def _validator(schema: Any, notify: Callable[[str], None] | None) -> Transform:
    try:
        parts = schema_config(schema, None, None, assert_format=False, all_errors=False)
        recipe = RecipeText(None, parts, {}, Libraries(()))
        return Transform(shipped("records"), recipe, limits=Limits(), trusted=True, notify=notify)
    except ModuleError:
        raise
    except (RecipeError, ValueError) as error:
        # Without the text of the schema below: it is the module's.
        words = shown(str(error).removeprefix("schema: ").partition("\n")[0])
        raise ModuleError(f"the manifest: config_schema is no JSON Schema: {words}") from None
    except WasmRecordsError as error:
        raise _useless(shown(str(error))) from None


def _useless(why: str) -> ModuleError:
    return ModuleError(f"the manifest: config_schema cannot be used: {why}")


def _takes_empty(schema: Any) -> bool:
    """Whether an object without members surely matches, so that nobody has to be asked."""
    if not isinstance(schema, dict):
        return schema is True
    return schema.get("type") == "object" and not schema.get("required") and set(schema) <= _TAKES_EMPTY


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
