"""A folder of schemas: files are found in it and read, and none outside."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from ._errors import RecipeError, WasmRecordsError
from ._schema import schema_text
from ._text import file_name

_LOOKED_AT = 1_000
_LARGEST = 16 * 1024 * 1024


class File(NamedTuple):
    """The text of a file, or in ``why`` what is wrong with a reference to it. ``is_there`` says whether a
    file is there at all."""

    text: str = ""
    why: str = ""
    is_there: bool = True

    def is_called(self, uri: str) -> bool:
        """Whether the schema in it may have this URI: it has no other one of its own."""
        return not self.text or _id(self.text) in (None, uri)


class SchemaDir:
    """``name`` is the folder's own name, without those above it.

    Raises :class:`RecipeError` if there is no such folder.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._shown = file_name(os.fspath(folder))
        try:
            if not self._shown:
                raise FileNotFoundError
            self._real = Path(folder).resolve(strict=True)
            if not self._real.is_dir():
                raise NotADirectoryError
        except NotADirectoryError:
            raise self._refused("expected a folder of schemas, found a file") from None
        except FileNotFoundError:
            raise self._refused("there is no such folder of schemas") from None
        except (OSError, ValueError, RuntimeError) as error:
            raise self._refused(f"the folder of schemas cannot be read: {_why(error)}") from None
        self.name = self._real.name or "folder"
        self.where_ids_were_sought = f"no file in {self._shown}"
        self._ids: dict[str, str] | None = None

    def __str__(self) -> str:
        return self._shown

    def _refused(self, why: str) -> RecipeError:
        return RecipeError(why, kind="schema", file=self._shown)

    def inside(self, file: Path) -> str | None:
        """The path of a file from the folder on, as :meth:`read` takes it; None if it is not in it."""
        try:
            return quoted(file.resolve().relative_to(self._real).as_posix())
        except (OSError, ValueError, RuntimeError):
            return None

    def read(self, relative: str) -> File:
        """The file at the path of a URI, from the folder on."""
        # The bytes of a name need not be UTF-8.
        steps = unquote(relative.partition("?")[0], errors="surrogateescape").split("/")
        shown = "/".join([self._shown.rstrip("/"), *map(file_name, steps)])
        # On Windows a step may be a path itself.
        if any(step == ".." or os.sep in step for step in steps):
            return File(why=f"leads out of the folder {self}", is_there=False)
        try:
            path = self._real.joinpath(*steps).resolve(strict=True)
            if not path.is_relative_to(self._real):
                return File(why=f"leads out of the folder {self}, by a symbolic link", is_there=False)
            if not stat.S_ISREG(path.stat().st_mode):
                return File(why=f"leads to {shown}, which is no file", is_there=False)
            with path.open("rb") as file:
                data = file.read(_LARGEST + 1)
            if len(data) > _LARGEST:
                return File(why=f"leads to the file {shown}, which is larger than 16 MiB: no schema is")
            return File(schema_text(data))
        except (FileNotFoundError, NotADirectoryError):
            return File(why=f"leads to the file {shown}, which does not exist", is_there=False)
        except WasmRecordsError as error:
            return File(why=f"leads to the file {shown}, which is no schema: {_said(error)}")
        except (OSError, ValueError, RuntimeError) as error:
            return File(why=f"leads to the file {shown}, which cannot be read: {_why(error)}")

    def with_id(self, uri: str) -> str | None:
        """The path of the file whose schema has this URI as its `$id`, as :meth:`read` takes it."""
        if self._ids is None:
            self._ids = {}
            room = _LARGEST
            paths = sorted(self._real.rglob("*.json"))
            for number, path in enumerate(paths):
                relative = quoted(path.relative_to(self._real).as_posix())
                found = self.read(relative) if number < _LOOKED_AT else File()
                room -= len(found.text)
                if room < 0 or number >= _LOOKED_AT:
                    self.where_ids_were_sought = f"none of the first {number:,} files in {self}"
                    break
                if found.text and (name := _id(found.text)) is not None:
                    self._ids.setdefault(name, relative)
        return self._ids.get(uri)


def quoted(name: str) -> str:
    """The name of a file as it stands in a URI: its bytes, whatever they are."""
    return quote(os.fsencode(name))


def _why(error: Exception) -> str:
    """What the system says. Some errors have the whole path of a file in their text."""
    if isinstance(error, RuntimeError):
        return "too many levels of symbolic links"
    return getattr(error, "strerror", None) or str(error)


def _id(text: str) -> str | None:
    schema = json.loads(text, parse_int=float)
    for keyword in ("$id", "id"):
        if isinstance(schema, dict) and isinstance(name := schema.get(keyword), str):
            return name.removesuffix("#")
    return None


def _said(error: WasmRecordsError) -> str:
    """What is wrong with a file, in one line with its place."""
    line = getattr(error, "line", None)
    words = str(error).partition("\n")[0].removeprefix("schema: ")
    return words if line is None else f"{words} (line {line}, column {error.column})"  # type: ignore[attr-defined]
