"""The cache under attack, as whole commands: what was tampered with is compiled again, and never run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cached import code_file, posix, root
from guests import OUTPUT, guest

from wasmrecords._cache import Cache

EVIL = guest(after=f"(i32.store8 (i32.const {OUTPUT}) (i32.const 33))")  # its output begins with "!"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def run(run_cli: Any, tmp_path: Path, place: Path) -> Callable[[str], Any]:
    """Runs a module in a process of its own, with that cache."""
    (tmp_path / "good.wasm").write_bytes(guest())
    (tmp_path / "evil.wasm").write_bytes(EVIL)
    env = {"WASMRECORDS_CACHE": str(place)}
    return lambda name: run_cli("run", "--quiet", "-m", f"{name}.wasm", stdin=b"a1\n", env=env)


def is_good(ended: Any) -> bool:
    return (ended.code, ended.out) == (0, b"a1\n")


def test_the_attack_would_work(run: Any) -> None:
    assert run("evil").out == b"!1\n"


@pytest.mark.parametrize("at", [0, 20, 48, 5000, -1])
def test_a_flipped_bit(run: Any, place: Path, at: int) -> None:
    assert is_good(run("good"))
    path = code_file(place)
    right = path.read_bytes()
    data = bytearray(right)
    data[at] ^= 1
    path.write_bytes(data)
    assert is_good(run("good"))
    assert path.read_bytes()[:8] == right[:8]
    assert path.read_bytes() != data  # compiled again, and written over it
    before = path.stat().st_ino
    assert is_good(run("good"))
    assert path.stat().st_ino == before  # and that is used


@pytest.mark.parametrize("head", ["its own", "the victim's", "none"])
def test_a_crafted_file(run: Any, place: Path, tmp_path: Path, head: str) -> None:
    """Code that the engine would take and run, under the victim's name."""
    assert is_good(run("good"))
    path = code_file(place)
    victim = path.read_bytes()
    path.unlink()
    assert run("evil").out == b"!1\n"
    evil = code_file(place).read_bytes()
    code_file(place).unlink()
    path.write_bytes({"its own": evil[:40], "the victim's": victim[:40], "none": b""}[head] + evil[40:])
    path.chmod(0o600)
    assert is_good(run("good"))


def test_a_file_signed_with_another_key(run: Any, place: Path, tmp_path: Path) -> None:
    """Everything right but the key: made by somebody who has a cache of his own."""
    assert is_good(run("good"))
    path, key = code_file(place), (place / "key").read_bytes()
    path.unlink()
    assert run("evil").out == b"!1\n"
    code = code_file(place).read_bytes()[40:]
    code_file(place).unlink()
    cache = Cache(tmp_path / "theirs")
    path.write_bytes(b"wrcache1" + cache._sign(path.name, [code]) + code)
    path.chmod(0o600)
    assert is_good(run("good"))
    # With the victim's key it is the victim's own word. That key is for the victim's eyes only.
    cache._key = key
    path.write_bytes(b"wrcache1" + cache._sign(path.name, [code]) + code)
    assert run("good").out == b"!1\n"


@posix
@pytest.mark.parametrize("name", ["key", "*.code"])
def test_a_link_in_the_place_of_a_file(run: Any, place: Path, tmp_path: Path, name: str) -> None:
    assert is_good(run("good"))
    (path,) = place.glob(name)
    moved = tmp_path / "moved"
    path.rename(moved)
    path.symlink_to(moved)
    before = moved.stat()
    ended = run("good")
    assert is_good(ended)
    assert (moved.stat().st_ino, moved.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    if name != "key":
        assert not path.is_symlink()  # compiled again, in its place


@root
@pytest.mark.parametrize("name", [".", "key", "*.code"])
def test_another_owner(run: Any, place: Path, name: str) -> None:
    assert is_good(run("good"))
    (path,) = [place] if name == "." else place.glob(name)
    os.chown(path, 65534, 65534)
    assert is_good(run("good"))


def test_two_processes_at_once(place: Path, tmp_path: Path, cli_environment: dict[str, str]) -> None:
    """With an empty cache, and while it is cleared again and again."""
    (tmp_path / "good.wasm").write_bytes(guest())
    (tmp_path / "evil.wasm").write_bytes(EVIL)
    env = cli_environment | {"WASMRECORDS_CACHE": str(place)}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "wasmrecords", *arguments],
            env=env,
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    for _ in range(3):
        running = [start("run", "-q", "-m", f"{name}.wasm") for name in ("good", "evil", "good")]
        clearing = start("cache", "--clear")
        ended = [process.communicate(b"a1\n", timeout=120) for process in running]
        assert ended == [(b"a1\n", b""), (b"!1\n", b""), (b"a1\n", b"")]
        assert clearing.communicate(timeout=120)[1] == b""
    assert not list(place.glob(".new-*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a key and little else."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", disk], stderr=subprocess.DEVNULL
    )
    if done.returncode:
        pytest.skip("a small tmpfs cannot be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


@root
@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs")
@pytest.mark.parametrize("free", [0, 8 * 1024])
def test_a_full_disk(run_cli: Any, small_disk: Path, tmp_path: Path, free: int) -> None:
    """Also when there is no room for the key."""
    place = small_disk / "kept"
    (small_disk / "filler").write_bytes(bytes(64 * 1024 - free))
    (tmp_path / "good.wasm").write_bytes(guest())
    for _ in range(2):
        ended = run_cli("run", "-m", "good.wasm", stdin=b"a1\n", env={"WASMRECORDS_CACHE": str(place)})
        assert is_good(ended)
    assert [path.name for path in place.iterdir()] == ["key"] * bool(free)
    if not free:
        assert f"compiled modules are not kept: {place}: No space left on device" in ended.err
    (small_disk / "filler").unlink()
