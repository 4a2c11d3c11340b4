"""``wasmrecords cache``: what is kept, and that clearing takes what is ours and nothing else."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from cached import posix, root
from guests import guest

import wasmrecords as wr
from wasmrecords import _module
from wasmrecords._cache import Cache


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, not made yet."""
    monkeypatch.setenv("WASMRECORDS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def load(number: int) -> wr.Transform:
    _module._compiled.clear()
    return wr.load(guest() + b"\0\x0a\x04info%05d" % number)


def test_to_look_makes_nothing(place: Path) -> None:
    assert wr.cache_info() == wr.CacheInfo(str(place))
    assert wr.clear_cache() == wr.CacheInfo(str(place))
    assert not place.exists()


def test_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WASMRECORDS_CACHE", "")
    assert wr.cache_info().folder is None
    assert wr.clear_cache().modules == ()


def test_what_is_kept_is_shown(place: Path) -> None:
    before = time.time()
    for number in range(3):
        load(number).close()
    os.utime(sorted(place.glob("*.code"))[0], (1000, 1000))
    info = wr.cache_info()
    assert (info.folder, info.problem, info.key) == (str(place), None, True)
    assert {module.name for module in info.modules} == {path.name for path in place.glob("*.code")}
    assert info.size == sum(path.stat().st_size for path in place.glob("*.code")) > 0
    assert info.room > info.size
    assert [module.used > before - 5 for module in info.modules] == [True, True, False]


def test_cleared_is_empty_and_modules_are_compiled_again(place: Path) -> None:
    with load(1) as transform:
        (place / ".new-abc").write_bytes(b"half")
        code = next(place.glob("*.code"))
        code.with_suffix(".seen").write_bytes(b"note")
        shown = wr.cache_info()
        assert shown.modules[0].used == code.with_suffix(".seen").stat().st_mtime
        assert wr.clear_cache() == shown
        assert list(place.iterdir()) == []
        assert transform.run(b"a1\n").output == b"a1\n"
    with load(1) as transform:
        assert transform.run(b"a1\n").output == b"a1\n"
    assert len(wr.cache_info().modules) == 1


def test_nothing_that_the_old_key_signed_is_loaded_again(place: Path) -> None:
    name = "ab" * 32
    Cache(place).put(name, b"code")
    (path,) = place.glob("*.code")
    copy = path.read_bytes()
    wr.clear_cache()
    Cache(place).put(name, b"other")
    path.write_bytes(copy)
    assert Cache(place).get(name) is None


def test_files_of_other_people_stay(place: Path) -> None:
    Cache(place).put("ab" * 32, b"code")
    mine = [place / name for name in ("notes.txt", "ab.code", "key.old", "x.code", ".new")]
    for path in mine:
        path.write_bytes(b"mine")
    (place / "folder").mkdir()
    wr.clear_cache()
    assert sorted(place.iterdir()) == sorted([*mine, place / "folder"])


@posix
@pytest.mark.parametrize("name", ["key", "0" * 48 + ".code", ".new-x"])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_only_looks_like_ours_stays(place: Path, tmp_path: Path, name: str, kind: str) -> None:
    Cache(place).put("ab" * 32, b"code")
    target = tmp_path / "target"
    target.write_bytes(b"k" * 32)
    path = place / name
    path.unlink(missing_ok=True)
    if kind == "link":
        path.symlink_to(target)
    elif kind == "pipe":
        os.mkfifo(path, 0o600)
    else:
        path.mkdir()
    with pytest.raises(wr.SourceError) as caught:
        wr.clear_cache()
    assert f"left is {name} (it is a link or no file)" in str(caught.value)
    assert list(place.iterdir()) == [path]
    assert target.read_bytes() == b"k" * 32
    assert wr.cache_info().modules == ()


def test_a_key_that_is_none_stays(place: Path) -> None:
    Cache(place).put("ab" * 32, b"code")
    (place / "key").write_bytes(b"somebody's own")
    assert wr.cache_info().problem == "its file key has 14 bytes, not 32: remove the folder"
    with pytest.raises(
        wr.SourceError, match=r"1 files were removed; left is key \(it has 14 bytes, not 32\)"
    ):
        wr.clear_cache()


@posix
def test_a_folder_that_is_no_place_for_code(place: Path, tmp_path: Path) -> None:
    Cache(place).put("ab" * 32, b"code")
    place.chmod(0o755)
    advice = "other users have access to it: chmod 700 would change that"
    assert wr.cache_info().problem == advice
    with pytest.raises(wr.SourceError, match=f"cannot be cleared: {advice}"):
        wr.clear_cache()
    place.chmod(0o700)
    moved = tmp_path / "moved"
    place.rename(moved)
    for make in (lambda: place.symlink_to(moved), lambda: place.write_bytes(b""), lambda: os.mkfifo(place)):
        make()
        assert wr.cache_info().problem == "it is no folder"
        with pytest.raises(wr.SourceError, match="cannot be cleared: it is no folder"):
            wr.clear_cache()
        place.unlink()
    assert len(list(moved.iterdir())) == 2


@root
@pytest.mark.parametrize("name", [".", "key", "*.code"])
def test_what_belongs_to_another_user_stays(place: Path, name: str) -> None:
    Cache(place).put("ab" * 32, b"code")
    (path,) = [place] if name == "." else place.glob(name)
    os.chown(path, 65534, 65534)
    with pytest.raises(wr.SourceError, match="it belongs to another user"):
        wr.clear_cache()
    assert path.exists()
    if name != "*.code":
        of_key = "its file key cannot be used: " if name == "key" else ""
        assert wr.cache_info().problem == f"{of_key}it belongs to another user"


@posix
def test_a_key_that_others_may_read_is_named(place: Path, tmp_path: Path) -> None:
    Cache(place).put("ab" * 32, b"code")
    key = place / "key"
    key.chmod(0o644)
    begin = "its file key cannot be used: "
    assert wr.cache_info().problem == f"{begin}other users have access to it: remove it"
    key.rename(tmp_path / "moved")
    key.symlink_to(tmp_path / "moved")
    assert wr.cache_info().problem == f"{begin}Too many levels of symbolic links"


# --- the command ----------------------------------------------------------------------------------


def test_the_command(run_cli: Any, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    env = {"WASMRECORDS_CACHE": str(place)}
    shown = run_cli("cache", env=env)
    assert (shown.code, shown.err) == (0, "")
    assert b"modules     0, 0 KiB of 512 MiB" in shown.out
    (tmp_path / "m.wasm").write_bytes(guest())
    assert run_cli("run", "-m", "m.wasm", stdin=b"a1\n", env=env).out == b"a1\n"
    shown = run_cli("cache", env=env)
    assert (shown.code, shown.err) == (0, "")
    assert (
        f"  folder      {place}\n  in order    yes\n  key         there\n  modules     1, "
        in shown.out.decode()
    )
    assert b" KiB  used 2" in shown.out
    found = json.loads(run_cli("cache", "--json", env=env).out)
    assert (found["folder"], found["key"], len(found["modules"])) == (str(place), True, 1)
    cleared = run_cli("cache", "--clear", env=env)
    assert (cleared.code, cleared.err) == (0, "")
    assert cleared.out.decode().startswith("removed 1 compiled module (")
    assert cleared.out.decode().endswith(f" and the key from {place}\n")
    assert run_cli("cache", "--clear", env=env).out.decode() == f"no compiled modules in {place}\n"
    assert run_cli("run", "-m", "m.wasm", stdin=b"a1\n", env=env).out == b"a1\n"


def test_the_command_and_many_modules(run_cli: Any, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kept")
    for number in range(12):
        cache.put(f"{number:064}", b"code")
    shown = run_cli("cache", env={"WASMRECORDS_CACHE": str(tmp_path / "kept")})
    assert len(shown.out.splitlines()) == 4 + 10 + 1
    assert shown.out.endswith(b"and 2 more: see --json\n")


@posix
def test_the_command_and_a_cache_of_no_use(run_cli: Any, tmp_path: Path) -> None:
    place = tmp_path / "ki\x1b[2Jept"
    place.mkdir()
    place.chmod(0o777)
    for arguments, words in ((["cache"], "are not kept"), (["cache", "--clear"], "cannot be cleared")):
        ended = run_cli(*arguments, env={"WASMRECORDS_CACHE": str(place)})
        assert ended.code == 2
        assert f"{words}: " in ended.err
        assert "chmod 700 would change that" in ended.err
        assert b"\x1b" not in ended.out + ended.err.encode()
    ended = run_cli("cache", env={"WASMRECORDS_CACHE": ""})
    assert (ended.code, ended.out[:16]) == (0, b"nothing is kept:")
    ended = run_cli("cache", "--clear", env={"WASMRECORDS_CACHE": ""})
    assert (ended.code, ended.out[:16]) == (0, b"nothing is kept,")
