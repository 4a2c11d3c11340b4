"""The three ways to a transform: a jq program, a JSON Schema, a module of one's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ._config import check_config, config_of
from ._documents import SchemaConfig, schema_config
from ._errors import ModuleError, RecipeError
from ._libraries import Libraries, folder_names
from ._limits import Limits, require_limits
from ._module import shipped
from ._recipe_text import RecipeText, argument_texts
from ._runner import Isolation
from ._transform import Transform

_Notify = Callable[[str], None] | None


def jq(
    program: str,
    *,
    schema: Any = None,
    schema_dir: str | os.PathLike[str] | None = None,
    schemas: Mapping[str, Any] | None = None,
    assert_format: bool = False,
    all_errors: bool = False,
    args: Mapping[str, Any] | None = None,
    libraries: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    allow: Iterable[str] = (),
    limits: Limits = Limits(),
    isolation: Isolation = "shared",
    require: str | Iterable[str] | None = None,
    notify: _Notify = None,
) -> Transform:
    """A transform from a jq program, with a JSON Schema in front if one is given.

    ``schema`` is a path, a dict, JSON text, a pydantic model, a msgspec Struct, a dataclass or a TypedDict;
    for the arguments that go with it see :func:`validate`. ``args`` are the variables of the program, by
    their names without ``$``: values that JSON can write, or bytes of JSON, whose numbers keep all their
    digits. ``libraries`` are the folders from which the program may import modules and data, and nothing
    outside of them. ``allow=["clock"]`` gives ``now`` a clock that counts records, ``"clock=real"`` the
    machine's. ``notify`` is called with one line of text if compiling the module takes over a second, or its
    code cannot be kept.

    Raises :class:`RecipeError` with the place in the program, in a module that it imports, in the schema or
    in an argument; :class:`ValueError` for a name in ``args`` that no variable can have.
    """
    if not isinstance(program, str):
        raise TypeError(f"program: expected str, found {type(program).__name__}")
    parts = schema_config(schema, schema_dir, schemas, assert_format=assert_format, all_errors=all_errors)
    given = argument_texts(args), Libraries(folder_names(libraries))
    return _recipe(program, parts, given, allow, limits, isolation, require, notify)


def validate(
    schema: Any,
    *,
    schema_dir: str | os.PathLike[str] | None = None,
    schemas: Mapping[str, Any] | None = None,
    assert_format: bool = False,
    all_errors: bool = False,
    limits: Limits = Limits(),
    isolation: Isolation = "shared",
    require: str | Iterable[str] | None = None,
    notify: _Notify = None,
) -> Transform:
    """A transform that keeps each record that matches the schema, unchanged but for the white space between
    its tokens. ``schema`` is as for :func:`jq`.

    ``schema_dir`` is the folder whose files the schema may refer to; ``schemas`` maps URIs to further
    schemas, each in any form that ``schema`` may have. Nothing else is read, and nothing is ever fetched.
    ``assert_format`` refuses strings that do not have their ``format``; without it ``format`` refuses
    nothing. ``all_errors`` lists in ``Failure.errors`` all that is wrong with a record, not only the first
    thing.

    Raises :class:`RecipeError`.
    """
    if schema is None:
        raise TypeError("schema: expected a schema, found None")
    parts = schema_config(schema, schema_dir, schemas, assert_format=assert_format, all_errors=all_errors)
    return _recipe(None, parts, ({}, Libraries(())), (), limits, isolation, require, notify)


def load(
    module: str | os.PathLike[str] | bytes,
    *,
    config: Any = None,
    transform: str | None = None,
    allow: Iterable[str] = (),
    limits: Limits = Limits(),
    isolation: Isolation = "shared",
    require: str | Iterable[str] | None = None,
    notify: _Notify = None,
) -> Transform:
    """A transform from a module, given as a path or as bytes.

    ``config`` is what the manifest of the module describes, and is checked against its schema before the
    module sees it: any value that JSON can write, or bytes of JSON, whose numbers keep all their digits.
    ``transform`` names one of the transforms of a module that has several. ``allow`` grants what the module
    may have beyond its records, if its manifest wants it: ``["log", "clock", "random"]``, and
    ``"clock=real"`` for the machine's clock in place of one that follows the records; a single text with
    commas will do as well.

    ``isolation="process"`` runs the module in a jailed process, under all locks that this system has.
    ``require`` names the locks without which it is not run at all: by default ``rlimits``, ``no_new_privs``,
    ``landlock`` and ``seccomp``, all of which Linux has.

    Raises :class:`ModuleError` if the module is refused, :class:`RecipeError` if its config is,
    :class:`ValueError` for an unknown capability.
    """
    if not isinstance(transform, (str, type(None))):
        raise TypeError(f"transform: expected a name, found {type(transform).__name__}")
    require_limits(limits)
    made = config_of(config)
    return Transform(
        read_module_file(module, limits.module),
        made.text,
        allow=allow,
        limits=limits,
        isolation=isolation,
        require=require,
        notify=notify,
        transform=transform,
        check=lambda manifest: check_config(made, manifest, notify),
    )


def pretty(limits: Limits = Limits()) -> Transform:
    """A transform that lays records out as the items of an indented array: see ``output_format``."""
    return Transform(shipped("records"), b"null", limits=limits, output="pretty", trusted=True)


def require_transform(transform: object) -> None:
    """Raises :class:`TypeError` for what is none."""
    if not isinstance(transform, Transform):
        found = type(transform).__name__
        raise TypeError(f"transform: expected one of wasmrecords.jq, validate or load, found {found}")


def read_module_file(module: str | os.PathLike[str] | bytes, limit: int) -> bytes:
    """The bytes of a module, at most one more than ``limit``: the size of what is read is not known before.

    Raises :class:`ModuleError` if the file cannot be read.
    """
    if isinstance(module, (bytes, bytearray, memoryview)):
        return bytes(module)
    if not isinstance(module, (str, os.PathLike)):
        raise TypeError(f"module: expected a path or bytes, found {type(module).__name__}")
    path = Path(module)
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        raise ModuleError(f"the file {path} does not exist") from None
    except OSError as error:
        raise ModuleError(f"the file {path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # a NUL byte within the name
        raise ModuleError(f"the file {str(path)!r} cannot be read: {error}") from None


def _recipe(
    program: str | None,
    schema: SchemaConfig,
    given: tuple[Mapping[str, str], Libraries],
    allow: Iterable[str],
    limits: Limits,
    isolation: Isolation,
    require: str | Iterable[str] | None,
    notify: _Notify,
) -> Transform:
    try:
        (program or "").encode()
    except UnicodeEncodeError as error:
        offset = len(error.object[: error.start].encode())
        raise RecipeError(
            "a lone surrogate is no text", kind="program", text=program, offset=offset
        ) from None
    return Transform(
        shipped("records"),
        RecipeText(program, schema, *given),
        allow=allow,
        limits=limits,
        isolation=isolation,
        require=require,
        trusted=True,
        notify=notify,
    )
