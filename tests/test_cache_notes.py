"""Compiled code that was checked once, and lay still since, is not checked again: the note that says so."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import pytest
from cached import CODE, NAME, code_file, flipped, posix

from wasmrecords import _cache
from wasmrecords._cache import Cache


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def noted(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with a file that was at rest when it was checked, and the note that says so."""
    if sys.platform != "linux":
        pytest.skip("files in memory that are sealed")
    Cache(place).put(NAME, CODE)
    monkeypatch.setattr(_cache, "_SETTLED", -1)
    taken(place)
    assert len(list(place.glob("*.seen"))) == 1
    return place


def taken(place: Path) -> bytes | None:
    """The code of the module, as it would be mapped."""
    with contextlib.ExitStack() as stack:
        if found := Cache(place).sealed(NAME):
            return Path(stack.enter_context(found).path).read_bytes()
    return None


def test_what_was_checked_and_not_touched_is_not_hashed_again(
    noted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (note,) = noted.glob("*.seen")
    os.utime(note, (1000, 1000))
    monkeypatch.setattr(Cache, "_fits", None)
    assert taken(noted) == CODE
    assert note.stat().st_mtime > 1000  # which says that the code was used now
    assert note.stat().st_mode & 0o777 == 0o600


def test_a_file_that_changed_just_now_is_not_noted(place: Path) -> None:
    """It could change once more within a tick of the clock, and nobody would see it."""
    Cache(place).put(NAME, CODE)
    assert taken(place) == CODE
    assert not list(place.glob("*.seen"))


@pytest.mark.parametrize("at", [0, 8, 40, 5000])
def test_a_note_is_not_of_what_was_changed(noted: Path, at: int) -> None:
    path = code_file(noted)
    before = path.stat()
    other = flipped(path.read_bytes(), at)
    with path.open("r+b") as file:  # in place: the file stays the same one
        file.write(other)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert taken(noted) is None


def test_a_note_is_not_of_another_file_with_the_same_times(noted: Path) -> None:
    path = code_file(noted)
    before, evil = path.stat(), path.with_name("evil")
    evil.write_bytes(path.read_bytes()[:40] + b"evil" * (len(CODE) // 4))
    evil.chmod(0o600)
    os.utime(evil, ns=(before.st_atime_ns, before.st_mtime_ns))
    evil.replace(path)
    assert taken(noted) is None


@pytest.mark.parametrize("when", ["before it is read", "after it was read"])
def test_a_note_is_not_of_what_changes_meanwhile(
    noted: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    path = code_file(noted)
    evil = flipped(path.read_bytes(), 5000)

    class Changed(_cache.Sealed):
        def __init__(self, *source: int) -> None:
            if when == "before it is read":
                path.write_bytes(evil)
            super().__init__(*source)
            path.write_bytes(evil)

    monkeypatch.setattr(_cache, "Sealed", Changed)
    assert taken(noted) == (None if when == "before it is read" else CODE)
    monkeypatch.undo()
    assert taken(noted) is None


def test_a_note_goes_with_its_file(noted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its time counts as the time of use."""
    Cache(noted).put("cd" * 32, CODE)
    for path in noted.glob("*.code"):
        os.utime(path, (1000, 1000))
    monkeypatch.setattr(_cache, "ROOM", 2 * len(CODE) + 200)
    Cache(noted).put("ef" * 32, CODE)
    assert Cache(noted).get("cd" * 32) is None
    assert Cache(noted).get(NAME) == CODE
    monkeypatch.setattr(_cache, "ROOM", len(CODE) // 2)
    Cache(noted).put("cd" * 32, CODE)
    assert [path.name for path in noted.iterdir()] == ["key"]


@pytest.mark.parametrize("note", [b"", b"x" * 32, b"x" * 33])
def test_a_note_that_is_none_costs_no_more_than_the_check(noted: Path, note: bytes) -> None:
    (path,) = noted.glob("*.seen")
    path.write_bytes(note)
    assert taken(noted) == CODE
    assert path.read_bytes() != note


@posix
def test_a_note_that_others_may_write_is_not_believed(noted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (note,) = noted.glob("*.seen")
    note.chmod(0o620)
    monkeypatch.setattr(Cache, "_fits", lambda *_: False)
    assert taken(noted) is None
