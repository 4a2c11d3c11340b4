"""The cache of compiled code: what was touched is compiled again, and never run.

The attack that would succeed is another module's code, whose output begins with ``!``, in a good one's place.
"""

from __future__ import annotations

import dataclasses
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from guests import OUTPUT

from hostile.case import ANY, Case, Stage, root

Attack = Callable[[Path], object]
EVIL = f"(i32.store8 (i32.const {OUTPUT}) (i32.const 33))"
PROGRAM = """
import sys
import wasmrecords as wr
from guests import guest
with wr.load(guest(after=sys.argv[1]), notify=lambda line: print(line, file=sys.stderr)) as transform:
    print(transform.run(b"a1\\n").output.decode(), end="")
"""


def run(stage: Stage, place: Path, after: str = "", **settings: object) -> str:
    """The first module or the evil one in a process of its own, with a cache: what it writes."""
    environment = os.environ | {"WASMRECORDS_CACHE": str(place)}
    line = [sys.executable, "-c", PROGRAM, after]
    done = subprocess.run(line, env=environment, capture_output=True, timeout=60, **settings)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    stage.messages += done.stderr.decode().splitlines()
    return str(done.stdout.decode())


def code(place: Path) -> Path:
    (path,) = place.glob("*.code")
    return path


def attacked(name: str, tried: str, attack: Attack, because: str = "") -> Case:
    """A cache that was filled by a good module, and then attacked, before that module runs again."""

    def act(stage: Stage) -> str:
        place = stage.folder / "cache"
        assert run(stage, place) == "a1\n"
        attack(place)
        return (
            "compiled again"
            if (run(stage, place), run(stage, place)) == ("a1\n", "a1\n")
            else "the attack succeeded"
        )

    return Case(name, tried, "compiled again", act, ANY, because=because)


def flip(at: int) -> Attack:
    def attack(place: Path) -> None:
        data = bytearray(code(place).read_bytes())
        data[at] ^= 1
        code(place).write_bytes(data)

    return attack


def rewrite(change: Callable[[bytes], bytes]) -> Attack:
    return lambda place: code(place).write_bytes(change(code(place).read_bytes()))


def swapped(stage: Stage) -> str:
    """Evil code with its right signature, under the good module's name."""
    place = stage.folder / "cache"
    assert run(stage, place, EVIL) == "!1\n"
    evil = code(place)
    content = evil.read_bytes()
    evil.unlink()
    assert run(stage, place) == "a1\n"
    code(place).write_bytes(content)
    return "compiled again" if run(stage, place) == "a1\n" else "the attack succeeded"


def noted(stage: Stage) -> str:
    """The same, once it is noted that the good code was checked, and with the good file's times."""
    place, theirs = stage.folder / "cache", stage.folder / "theirs"
    assert (run(stage, place), run(stage, theirs, EVIL)) == ("a1\n", "!1\n")
    time.sleep(2.1)  # what changed just now is not noted
    assert run(stage, place) == "a1\n"
    assert list(place.glob("*.seen")) or sys.platform != "linux"
    good = code(place)
    before = good.stat()
    good.write_bytes(code(theirs).read_bytes().ljust(before.st_size, b"\0")[: before.st_size])
    os.utime(good, ns=(before.st_atime_ns, before.st_mtime_ns))
    return "compiled again" if run(stage, place) == "a1\n" else "the attack succeeded"


def stolen_key(stage: Stage) -> str:
    """Evil code signed with another cache's key."""
    mine, theirs = stage.folder / "mine", stage.folder / "theirs"
    assert (run(stage, mine), run(stage, theirs, EVIL)) == ("a1\n", "!1\n")
    code(mine).write_bytes(code(theirs).read_bytes())
    return "compiled again" if run(stage, mine) == "a1\n" else "the attack succeeded"


def linked(place: Path) -> None:
    path = code(place)
    moved = place.parent / "moved"
    path.rename(moved)
    path.symlink_to(moved)


def piped(place: Path) -> None:
    path = code(place)
    path.unlink()
    os.mkfifo(path, 0o600)


def at_once(stage: Stage) -> str:
    """Four processes fill one cache at the same time."""
    place = stage.folder / "cache"
    environment = os.environ | {"WASMRECORDS_CACHE": str(place)}
    line = [sys.executable, "-c", PROGRAM, ""]
    running = [
        subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    said = {process.communicate(timeout=60)[0] for process in running}
    assert all(process.returncode == 0 for process in running)
    left = sorted(path.suffix for path in place.iterdir() if path.suffix != ".seen")  # a slow machine's
    return "one file, four right answers" if (said, left) == ({b"a1\n"}, ["", ".code"]) else f"{said} {left}"


def small_disk() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def full(stage: Stage) -> str:
    place = stage.folder / "cache"
    words = run(stage, place, preexec_fn=small_disk)
    return "compiled again" if words == "a1\n" and not list(place.glob("*.code")) else words


def elsewhere(make: Callable[[Path], object]) -> Callable[[Stage], str]:
    def act(stage: Stage) -> str:
        place = stage.folder / "cache"
        make(place)
        return "compiled again" if run(stage, place) == "a1\n" else "wrong"

    return act


ATTACKS = [
    attacked("bit of the magic", "One bit of a compiled file's magic is flipped", flip(0)),
    attacked("bit of the signature", "One bit of its signature is flipped", flip(20)),
    attacked("bit of the code", "One bit of the code is flipped", flip(5000)),
    attacked("last bit", "The last bit is flipped", flip(-1)),
    attacked("cut off", "The file is cut", rewrite(lambda data: data[:-100])),
    attacked("emptied", "The file is emptied", rewrite(lambda data: b"")),
    attacked("grown", "Something is added to the file", rewrite(lambda data: data + b"\0")),
    attacked(
        "crafted",
        "A right header, and code of somebody else",
        rewrite(lambda data: data[:40] + b"\x7fELF" + data[44:]),
    ),
    Case(
        "swapped",
        "Another module's code with its right signature, under this one's name",
        "compiled again",
        swapped,
        ANY,
    ),
    Case(
        "swapped behind a note",
        "The same after it was noted that the good code had been checked, with the times of its file",
        "compiled again",
        noted,
        ANY,
    ),
    Case(
        "another key",
        "Another module's code, signed with another key",
        "compiled again",
        stolen_key,
        ANY,
    ),
    attacked("link to code", "The file is a symbolic link", linked),
    attacked("pipe", "The file is a pipe on which nobody writes", piped),
    attacked("writable file", "Others may write to the file", lambda place: code(place).chmod(0o666)),
    attacked("open folder", "Others may write to the folder", lambda place: place.chmod(0o777), "chmod 700"),
    attacked("short key", "The key is emptied", lambda place: (place / "key").write_bytes(b""), "not kept"),
    Case(
        "folder is a link",
        "The folder is a symbolic link",
        "compiled again",
        elsewhere(lambda place: place.symlink_to(place.parent)),
        ANY,
        because="no folder",
    ),
    Case(
        "folder is a file",
        "The folder is a file",
        "compiled again",
        elsewhere(lambda place: place.write_bytes(b"")),
        ANY,
        because="not kept",
    ),
    Case("full disk", "No file may be larger than 4 KB", "compiled again", full, ANY),
    Case("at once", "Four processes fill it at once", "one file, four right answers", at_once, ANY),
    *(
        [
            attacked(
                "another owner",
                "The file belongs to another user",
                lambda place: os.chown(code(place), 65534, 65534),
            )
        ]
        if root()
        else []
    ),
]
CASES = [dataclasses.replace(case, within=40, once=True) for case in ATTACKS]
