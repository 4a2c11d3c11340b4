"""Modules of jq from folders: found as jq finds them, read here, and handed over as text.

Nothing outside of the folders that a run was given is ever read, whatever an import says and wherever links
lead. What is read is a regular file; anything else that has its name is passed over or refused.
"""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterable
from typing import Any, NamedTuple

from ._limits import MiB, show_bytes
from ._text import shown

_MOST_FILES = 100
_MOST_BYTES = 16 * MiB


class Refused(Exception):
    """Why an import leads to no file."""


class ModuleFile(NamedTuple):
    """A file that was read. ``name`` is its path as the user would write it: the folder as it was given, and
    the path within. ``number`` counts from 1."""

    name: str
    text: str
    number: int


def folder_names(libraries: Any) -> tuple[str, ...]:
    """The folders in ``libraries``: a path or several. Raises :class:`TypeError`."""
    single = isinstance(libraries, (str, os.PathLike))
    if not single and (isinstance(libraries, (bytes, bytearray)) or not isinstance(libraries, Iterable)):
        raise TypeError(f"libraries: expected paths of folders, found {type(libraries).__name__}")
    names = []
    for folder in [libraries] if single else libraries:
        if not isinstance(folder, (str, os.PathLike)):
            raise TypeError(f"libraries: expected paths of folders, found {type(folder).__name__}")
        names.append(os.fsdecode(folder))
    return tuple(names)


class Libraries:
    """The folders of one recipe, and the files that were read from them."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.folders = folders
        self.files: list[ModuleFile] = []
        # By the real path, so that no file is read twice, and what relative searches begin with.
        self._known: dict[str, ModuleFile] = {}
        self._places: list[tuple[str, str]] = []
        self._bytes = 0

    def find(self, path: str, search: list[str] | None, data: bool, importer: int) -> ModuleFile:
        """The file that an import means. ``search`` is what its metadata says, ``importer`` the number of the
        file that it stands in, 0 for the program.

        Raises :class:`Refused`.
        """
        if not self.folders:
            raise Refused(
                "modules come from folders that the run names: -L FOLDER, or libraries=[FOLDER] in Python"
            )
        _check_path(path)
        suffix = ".json" if data else ".jq"
        last = path.rsplit("/", 1)[-1]
        names = [f"{path}{suffix}", f"{path}/jq/main{suffix}", f"{path}/{last}{suffix}"]
        looked = []
        for shown_folder, folder in self._search(search, importer):
            # Not even whether something is there is told of other places.
            if not self._is_inside(folder):
                looked.append(f"{shown(shown_folder)} (leads out of the folders of this run)")
                continue
            missing = "" if os.path.isdir(folder) else " (no such folder)"
            looked.append(f"{shown(shown_folder)}{missing}")
            for name in names:
                found = self._read(os.path.join(folder, name), os.path.join(shown_folder, name))
                if found is not None:
                    return found
        listed = ", ".join(dict.fromkeys(looked)) or "no folder"
        raise Refused(f"there is no {shown(names[0])}, {shown(names[1])} or {shown(names[2])} in {listed}")

    def _search(self, search: list[str] | None, importer: int) -> list[tuple[str, str]]:
        """Where to look, each folder as it is named and as it is: what the import itself says, then those of
        the run. What is relative begins at the importing file, or for the program at each of the folders."""
        try:
            roots = [(folder, os.path.abspath(folder)) for folder in self.folders]
        except OSError as error:  # the folder that the process is in was removed
            raise Refused(f"the folders of this run are not there: {error.strerror}") from None
        starts = [self._places[importer - 1]] if importer else roots
        found = []
        for path in search or ():
            if not path:
                continue
            if os.path.isabs(path) or path.startswith(("~", "$ORIGIN")):
                raise Refused(
                    f"the search path {shown(path)} is not within the folders of this run: a relative one "
                    "begins at the importing file"
                )
            for name, place in starts:
                found.append(
                    (os.path.normpath(os.path.join(name, path)), os.path.normpath(os.path.join(place, path)))
                )
        return found + roots

    def _is_inside(self, path: str) -> bool:
        """Whether a path, of which no part is ``..``, stands in one of the folders."""
        roots = (as_is(folder) for folder in self.folders for as_is in (os.path.abspath, os.path.realpath))
        return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in roots)

    def _read(self, path: str, name: str) -> ModuleFile | None:
        """The file at a path, None if there is none."""
        try:
            real = os.path.realpath(path, strict=True)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:  # a circle of links; a name that no system takes
            raise Refused(
                f"{shown(name)} cannot be read: {getattr(error, 'strerror', None) or error}"
            ) from None
        if not self._is_inside(real):
            raise Refused(f"{shown(name)} leads out of the folders of this run, by a symbolic link")
        if real in self._known:
            return self._known[real]
        if len(self.files) >= _MOST_FILES:
            raise Refused(f"a program may import {_MOST_FILES} files at the most")
        data = _contents(real, name, _MOST_BYTES - self._bytes)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refused(f"{shown(name)} is not UTF-8 (byte {error.start:,})") from None
        found = ModuleFile(name, text, len(self.files) + 1)
        self._bytes += len(data)
        self.files.append(found)
        self._places.append((os.path.dirname(name), os.path.dirname(real)))
        self._known[real] = found
        return found


def _check_path(path: str) -> None:
    """What jq itself demands of the path of a module."""
    parts = path.split("/")
    if path.startswith("/") or not path:
        raise Refused("the path of a module is relative to the folders of this run")
    if "\0" in path or "\\" in path:
        raise Refused("the path of a module has neither a NUL nor a backslash in it")
    if ".." in parts:
        raise Refused("the path of a module may not lead out of its folder by `..`")
    if any(one == other for one, other in itertools.pairwise(parts)):
        raise Refused("two parts of a module's path that follow each other may not be the same")


def _contents(real: str, name: str, room: int) -> bytes:
    """All of a regular file. It is opened without waiting for a writer, and as no link: it was followed
    before."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(real, flags)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Refused(f"{shown(name)} is not a regular file")
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(room + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Refused(f"{shown(name)} cannot be read: {error.strerror}") from None
    if len(data) > room:
        raise Refused(
            f"the modules and data files of a program have {show_bytes(_MOST_BYTES)} at the most: "
            f"{shown(name)} is more"
        )
    return data
