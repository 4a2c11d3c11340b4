"""The cache of compiled code: what was tampered with is never loaded, and nothing of it ever raises."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import wasmtime
from cached import CODE, NAME, code_file, flipped, posix, root
from guests import guest

import wasmrecords as wr
from wasmrecords import _cache, _module
from wasmrecords._cache import Cache, folder
from wasmrecords._engine import engine
from wasmrecords._limits import Limits
from wasmrecords._module import load_module

SOURCE = str(Path(wr.__file__).parent.parent)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_what_was_put_is_found_again(place: Path) -> None:
    Cache(place).put(NAME, CODE)
    assert Cache(place).get(NAME) == CODE
    assert Cache(place).get("cd" * 32) is None
    assert sorted(p.suffix for p in place.iterdir()) == ["", ".code"]


@pytest.mark.skipif(sys.platform != "linux", reason="files in memory that are sealed")
def test_what_is_mapped_can_be_changed_by_nobody(place: Path) -> None:
    Cache(place).put(NAME, CODE)
    found = Cache(place).sealed(NAME)
    assert found is not None
    with found:
        assert b"".join(bytes(piece) for piece in found.pieces()) == Path(found.path).read_bytes() == CODE
        with pytest.raises(PermissionError):
            os.truncate(found.path, 0)
        with open(found.path, "r+b", buffering=0) as file, pytest.raises(PermissionError):
            file.write(b"evil")
        assert Path(found.path).read_bytes() == CODE
    code_file(place).write_bytes(code_file(place).read_bytes()[:-1])
    assert Cache(place).sealed(NAME) is None
    assert Cache(place).sealed("cd" * 32) is None
    assert Cache(None).sealed(NAME) is None


@pytest.mark.skipif(sys.platform != "linux", reason="files in memory that are sealed")
@pytest.mark.parametrize("why", ["no such file", "not to be mapped"])
def test_code_is_loaded_without_such_a_file(place: Path, why: str) -> None:
    """A process that may have no file in memory, or has no /proc to open it by."""
    program = (
        "import os, sys\n"
        f"sys.path.append({str(Path(__file__).parent)!r})\n"
        "import wasmrecords as wr\n"
        "from wasmrecords import _module, _sealed\n"
        "from guests import guest\n"
        "module = guest()\n"
        "def refused(*_):\n    raise OSError('not allowed')\n"
        + ("os.memfd_create = refused\n" if why == "no such file" else "_sealed.Sealed.path = '/none'\n")
        + "_module._compile = refused\n"
        "print(wr.load(module).run(b'a1\\n').output)"
    )
    environment = os.environ | {"PYTHONPATH": SOURCE, "WASMRECORDS_CACHE": str(place)}
    (place.parent / "m.wasm").write_bytes(guest())
    first = "import sys, wasmrecords as wr; wr.load(open(sys.argv[1], 'rb').read())"
    command = [sys.executable, "-c", first, str(place.parent / "m.wasm")]
    assert subprocess.run(command, env=environment, capture_output=True, timeout=60).returncode == 0
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, timeout=60)
    assert done.stdout == b"b'a1\\n'\n", done.stderr


@posix
def test_only_the_user_may_look_inside(place: Path) -> None:
    old = os.umask(0)
    try:
        Cache(place).put(NAME, CODE)
    finally:
        os.umask(old)
    assert place.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in place.iterdir()} == {0o600}


def flip(at: int) -> Callable[[bytes], bytes]:
    return lambda data: flipped(data, at)


@pytest.mark.parametrize(
    "change",
    [*map(flip, (0, 7, 8, 39, 40, 41, 5000, -1 + 40 + len(CODE))), lambda d: d[:-1], lambda d: d + b"\0",
     lambda d: b"", lambda d: d[:8], lambda d: d[:40], lambda d: b"\x7fELF" + d, lambda d: d[40:]],
)  # fmt: skip
def test_changed_bytes_are_not_loaded(place: Path, change: Callable[[bytes], bytes]) -> None:
    Cache(place).put(NAME, CODE)
    path = code_file(place)
    path.write_bytes(change(path.read_bytes()))
    assert Cache(place).get(NAME) is None
    Cache(place).put(NAME, CODE)
    assert Cache(place).get(NAME) == CODE


def test_another_modules_code_is_not_loaded(place: Path) -> None:
    cache, other = Cache(place), "cd" * 32
    cache.put(NAME, CODE)
    first = code_file(place)
    content = first.read_bytes()
    first.unlink()
    cache.put(other, b"other")
    code_file(place).write_bytes(content)
    assert cache.get(other) is None


def test_a_key_of_somebody_else_signs_nothing(place: Path, tmp_path: Path) -> None:
    Cache(place).put(NAME, CODE)
    Cache(tmp_path / "theirs").put(NAME, CODE)
    code_file(place).write_bytes(code_file(tmp_path / "theirs").read_bytes())
    assert Cache(place).get(NAME) is None


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 33, b"x" * 1000])
def test_a_broken_key(place: Path, key: bytes) -> None:
    Cache(place).put(NAME, CODE)
    (place / "key").write_bytes(key)
    lines: list[str] = []
    cache = Cache(place, lines.append)
    assert (cache.get(NAME), cache.usable) == (None, False)
    assert lines[0].startswith(f"wasmrecords: compiled modules are not kept: {place}: ")


@posix
@pytest.mark.parametrize("mode", [0o701, 0o710, 0o707, 0o770, 0o777])
def test_a_folder_that_others_enter_is_not_used(place: Path, mode: int) -> None:
    Cache(place).put(NAME, CODE)
    place.chmod(mode)
    lines: list[str] = []
    cache = Cache(place, lines.append)
    cache.put("cd" * 32, CODE)
    assert cache.get(NAME) is None
    assert lines == [
        f"wasmrecords: compiled modules are not kept: {place}: other users have access to it: "
        "chmod 700 would change that"
    ]
    assert len(list(place.glob("*.code"))) == 1


@posix
@pytest.mark.parametrize("name", ["key", "*.code"])
def test_a_file_that_others_read_or_write_is_not_used(place: Path, name: str) -> None:
    Cache(place).put(NAME, CODE)
    (path,) = place.glob(name)
    path.chmod(0o620)
    assert Cache(place).get(NAME) is None


@root
@pytest.mark.parametrize("name", [".", "key", "*.code"])
def test_what_belongs_to_another_user_is_not_used(place: Path, name: str) -> None:
    Cache(place).put(NAME, CODE)
    (path,) = [place] if name == "." else place.glob(name)
    os.chown(path, 65534, 65534)
    assert Cache(place).get(NAME) is None


@posix
def test_symbolic_links_are_not_followed(place: Path, tmp_path: Path) -> None:
    Cache(place).put(NAME, CODE)
    for path in list(place.iterdir()):
        moved = tmp_path / path.name
        path.rename(moved)
        path.symlink_to(moved)
        assert Cache(place).get(NAME) is None
        path.unlink()
        moved.rename(path)
    assert Cache(place).get(NAME) == CODE
    link = tmp_path / "link"
    link.symlink_to(place)
    assert Cache(link).get(NAME) is None


@posix
@pytest.mark.parametrize("name", ["key", "code"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(place: Path, name: str) -> None:
    Cache(place).put(NAME, CODE)
    path = place / "key" if name == "key" else code_file(place)
    path.unlink()
    os.mkfifo(path, 0o600)
    assert Cache(place).get(NAME) is None


def test_no_folder_at_all(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    for where in (None, file, file / "below", tmp_path / ("x" * 300)):
        lines: list[str] = []
        cache = Cache(where, lines.append)
        cache.put(NAME, CODE)
        assert cache.get(NAME) is None
        assert len(lines) == (where is not None)


def test_a_full_disk_leaves_nothing_behind(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(place)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_cache.os, "replace", full)
    cache.put(NAME, CODE)
    assert cache.get(NAME) is None
    assert [p.name for p in place.iterdir()] == ["key"]


def test_room_is_made_from_the_oldest_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_cache, "ROOM", 3 * len(CODE))
    cache = Cache(place)
    for number in range(4):
        name = f"{number:064}"
        cache.put(name, CODE)
        (newest,) = set(place.glob("*.code")) - {p for p in place.glob("*.code") if p.stat().st_mtime < 1e9}
        os.utime(newest, (number, number))
        assert number == 0 or cache.get(f"{0:064}") == CODE  # used now: the first is not the oldest
        for path in place.glob("*.code"):
            if path.stat().st_mtime > 1e9:
                os.utime(path, (100, 100))
    left = [number for number in range(4) if cache.get(f"{number:064}") is not None]
    assert 0 in left
    assert 1 not in left


def test_what_a_killed_process_left_is_removed(place: Path) -> None:
    cache = Cache(place)
    old, new = place / ".new-old", place / ".new-new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    cache.put(NAME, CODE)
    assert not old.exists()
    assert new.exists()


def test_code_of_another_engine_is_compiled_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed by this user, under the right name, and yet no code that this engine takes."""
    monkeypatch.setenv("WASMRECORDS_CACHE", str(place))
    data = guest() + b"\0\x06\x05other"
    loaded = load_module(data, Limits())
    Cache(place).put(loaded.sha256, b"not what wasmtime wrote")
    _module._compiled.clear()
    assert load_module(data, Limits()).sha256 == loaded.sha256
    stored = Cache(place).get(loaded.sha256)
    assert stored is not None
    wasmtime.Module.deserialize(engine(), bytes(stored))


def test_what_is_kept_is_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WASMRECORDS_CACHE", str(place))
    data = guest() + b"\0\x05\x04kept"
    load_module(data, Limits())
    _module._compiled.clear()

    def compiles() -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(_module, "check_version", compiles)
    load_module(data, Limits())


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"WASMRECORDS_CACHE": "/some/where"}, Path("/some/where")),
        ({"WASMRECORDS_CACHE": ""}, None),
        ({"XDG_CACHE_HOME": "/var/x"}, Path("/var/x/wasmrecords")),
        ({"XDG_CACHE_HOME": "relative"}, Path("/home/somebody/.cache/wasmrecords")),
        ({}, Path("/home/somebody/.cache/wasmrecords")),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the places that Linux has")
def test_where_it_lies(
    environment: dict[str, str], expected: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WASMRECORDS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert folder() == expected


def test_many_processes_start_at_once_with_an_empty_cache(place: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path\n"
        "from wasmrecords._cache import Cache\n"
        "cache = Cache(Path(sys.argv[2]), print)\n"
        "for _ in range(20):\n"
        "    found = cache.get('ab' * 32)\n"
        "    assert found in (None, b'code' * 100_000), len(found)\n"
        "    cache.put('ab' * 32, b'code' * 100_000)\n"
        "assert cache.get('ab' * 32) is not None\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, SOURCE, str(place)], stdout=subprocess.PIPE)
        for _ in range(6)
    ]
    ended = [(process.communicate(timeout=120)[0], process.returncode) for process in running]
    assert ended == [(b"", 0)] * 6
    assert sorted(p.suffix for p in place.iterdir()) == ["", ".code"]
    with contextlib.suppress(FileNotFoundError):
        assert len((place / "key").read_bytes()) == 32
