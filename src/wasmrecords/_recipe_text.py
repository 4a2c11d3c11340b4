"""A recipe as text: what its module is given, and what its refusals mean to whoever wrote it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ._documents import BASE, SchemaConfig
from ._errors import RecipeError
from ._libraries import Libraries, Refused
from ._reply import Row
from ._text import file_name

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAKEN = ("ENV", "ARGS", "__loc__")
_MOST_IMPORTS = 1000
_FILE = re.compile(r"\$\.given\.files\[(\d+)\]")

TIERS = "all"
"""What of the fast engine recipes use from now on: ``all``, ``exact`` (nothing is learned), or ``general``
(nothing at all). What comes out is the same: only tests set it."""


class RecipeText:
    """Program and schema with all that the program gets from outside. ``config`` is the module's."""

    def __init__(
        self,
        program: str | None,
        schema: SchemaConfig,
        arguments: Mapping[str, str],
        libraries: Libraries,
    ) -> None:
        self.program, self._schema = program, schema
        self._arguments, self._libraries = dict(arguments), libraries
        self._imports: dict[tuple[int, int], int] = {}
        self._explains, self._tiers = False, TIERS

    @property
    def config(self) -> bytes:
        """JSON."""
        files = [{"name": file_name(file.name), "text": file.text} for file in self._libraries.files]
        given: dict[str, Any] = {
            "args": list(self._arguments.items()),
            "files": files,
            "imports": [[*place, number] for place, number in self._imports.items()],
            "folders": [file_name(folder) for folder in self._libraries.folders],
        }
        given = {name: value for name, value in given.items() if value}
        given_text = json.dumps(given, ensure_ascii=False)
        parts = [f'"jq": {json.dumps(self.program)}', self._schema.members, f'"given": {given_text}']
        if self._explains:
            parts.append('"explain": true')
        if self._tiers != "all":
            parts.append(f'"tiers": "{self._tiers}"')
        return f"{{{', '.join(parts)}}}".encode()

    def explaining(self) -> RecipeText:
        """The same, with the wish to know which road records take."""
        other = copy.copy(self)
        other._explains = True
        return other

    def with_tiers(self, tiers: str) -> RecipeText:
        """The same, with as much of the fast engine as :data:`TIERS` says."""
        other = copy.copy(self)
        other._tiers = tiers
        return other

    @property
    def asks_for_source(self) -> bool:
        """Whether the program or a module of it may ask for the name of the record's source."""
        texts = [self.program or "", *(file.text for file in self._libraries.files)]
        return any("input_filename" in text for text in texts)

    def adds(self, row: Row) -> bool:
        """Reads the files that a refusal asks for; False if it asks for none. Raises :class:`RecipeError` for
        one that is not to be had."""
        if row.code != "import":
            return False
        try:
            wants = [_Wanted.of(item) for item in json.loads(row.message)]
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
            # The words of a guest, which may be anything.
            return False
        if not all(self._is_new(wanted) for wanted in wants):
            return False
        for wanted in wants:
            self._add(wanted)
        return bool(wants)

    def _is_new(self, wanted: _Wanted) -> bool:
        place = wanted.importer, wanted.nth
        return place not in self._imports and 0 <= wanted.importer <= len(self._libraries.files)

    def _add(self, wanted: _Wanted) -> None:
        try:
            if len(self._imports) >= _MOST_IMPORTS:
                raise Refused(f"a program and its modules may have {_MOST_IMPORTS:,} imports at the most")
            found = self._libraries.find(wanted.path, wanted.search, wanted.data, wanted.importer)
        except Refused as why:
            path = json.dumps(wanted.path, ensure_ascii=False)
            raise self._program_error(
                f"cannot import {path}: {why}", wanted.importer, wanted.offset
            ) from None
        self._imports[wanted.importer, wanted.nth] = found.number

    def error(self, row: Row) -> RecipeError | None:
        """What a refusal means; None for one that has no place in the recipe."""
        if row.code == "program":
            place = _FILE.fullmatch(row.path)
            return self._program_error(row.message, int(place[1]) + 1 if place else 0, row.offset)
        if row.code == "args":
            text = self._arguments.get(row.path)
            return RecipeError(f"${row.path}: {row.message}", kind="args", text=text, offset=row.offset)
        if row.code == "schema":
            # Behind the path stands which document it is about, if not the schema itself.
            text = self._schema.documents.get(row.rule) if row.rule else self._schema.text
            # The guest gets a schema without the white space in front of it.
            blank = len(text) - len(text.lstrip(" \t\r\n")) if text else 0
            return RecipeError(
                row.message,
                kind="schema",
                text=text,
                offset=row.offset + blank,
                path=row.path,
                file=row.rule.removeprefix(BASE) or None,
            )
        return None

    def _program_error(self, message: str, number: int, offset: int) -> RecipeError:
        if not 0 < number <= len(self._libraries.files):
            return RecipeError(message, kind="program", text=self.program, offset=offset)
        file = self._libraries.files[number - 1]
        return RecipeError(message, kind="program", text=file.text, offset=offset, file=file.name)


class _Wanted(NamedTuple):
    """An import whose file the module asks for. ``importer`` is the number of the file it stands in, 0 for
    the program; ``nth`` counts from 0 in it; ``offset`` is the place of its path."""

    importer: int
    nth: int
    offset: int
    data: bool
    path: str
    search: list[str] | None

    @classmethod
    def of(cls, item: dict[str, Any]) -> _Wanted:
        search = item.get("search")
        return cls(
            int(item["from"]),
            int(item["nth"]),
            int(item["offset"]),
            bool(item["data"]),
            str(item["path"]),
            None if search is None else [str(folder) for folder in search],
        )


def argument_texts(args: Any) -> dict[str, str]:
    """The JSON text of each argument of a program. Bytes are such a text already.

    Raises :class:`ValueError` for a name that no variable can have, :class:`TypeError` for what is no JSON.
    """
    if args is None:
        return {}
    if not isinstance(args, Mapping):
        raise TypeError(f"args: expected a mapping of names to values, found {type(args).__name__}")
    return {check_name(name): _argument(name, value) for name, value in args.items()}


def check_name(name: Any) -> str:
    """The name of an argument. Raises :class:`ValueError` or :class:`TypeError`."""
    if not isinstance(name, str):
        raise TypeError(f"args: expected a str as a name, found {type(name).__name__}")
    if name in _TAKEN:
        raise ValueError(f"args: ${name} is jq's own: take another name")
    if not _NAME.fullmatch(name):
        bare = name.removeprefix("$")
        hint = f"; did you mean {bare}?" if _NAME.fullmatch(bare) and bare not in _TAKEN else ""
        raise ValueError(f"args: {name!r} is no name of a variable: letters, digits and _{hint}")
    return name


def _argument(name: str, value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise RecipeError(f"${name} is not UTF-8 (byte {error.start:,})", kind="args") from None
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError:
        raise RecipeError(f"${name} is not JSON: a lone surrogate is no text", kind="args") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise RecipeError(f"${name} is not JSON: {error}", kind="args") from None
    return text
