"""The locks, each alone and all together: tried from inside, in processes that put them on themselves."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import wasmrecords as wr
from wasmrecords import _jail
from wasmrecords._jail import LOCKS

SOURCE = str(Path(wr.__file__).parent.parent)
pytestmark = pytest.mark.skipif(not _jail.available(), reason="this system has none of the locks")

# Everything that is tried needs to be there before the jail is entered.
_INMATE = """
import ctypes, errno, json, mmap, os, signal, socket, sys, threading, time
sys.path.insert(0, {source!r})
from wasmrecords import _jail
port = socket.socket()
port.bind(("127.0.0.1", 0))
port.listen()
tcp = socket.socket()
settings = json.loads(sys.argv[1])
if settings["user"]:
    os.setgroups([])
    os.setgid(settings["user"])
    os.setuid(settings["user"])
libc = ctypes.CDLL(None, use_errno=True)
bounds = {{name: settings[name] for name in ("memory", "cpu", "executable")}}
_jail.enter(settings["locks"], **bounds)

def fork():
    if not os.fork():
        os._exit(0)

def grow():
    bytearray(1 << 30)

def privileges():
    if libc.prctl(39, 0, 0, 0, 0):
        raise PermissionError(errno.EPERM, "no new ones")

def executable():
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)

def made_executable():
    place = mmap.mmap(-1, 4096)
    address = ctypes.addressof(ctypes.c_char.from_buffer(place))
    if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), 5):
        raise OSError(ctypes.get_errno(), "mprotect")

def write_file():
    with open(settings["file"], "wb", buffering=0) as file:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        file.write(b"x")

def connect():
    tcp.connect(port.getsockname())

def bind_abstract():
    os.kill(os.getppid(), 0)

trials = {{
    "read a file": lambda: open("/etc/passwd").close(),
    "list a folder": lambda: os.listdir("/"),
    "write a file": write_file,
    "remove a file": lambda: os.unlink(settings["file"] + ".other"),
    "a socket": lambda: socket.socket().close(),
    "connect": connect,
    "a pipe": lambda: os.pipe(),
    "a signal": bind_abstract,
    "fork": fork,
    "exec": lambda: os.execv("/bin/true-or-not", ["x"]),
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {{}}),
    "executable memory": executable,
    "memory made executable": made_executable,
    "a GiB": grow,
    "privileges": privileges,
    "compute": lambda: sum(range(10000)),
    "sleep": lambda: time.sleep(0.001),
}}
results = {{}}
for name, trial in trials.items():
    try:
        trial()
    except OSError as error:
        results[name] = errno.errorcode[error.errno]
    except MemoryError:
        results[name] = "MemoryError"
    else:
        results[name] = "done"
os.write(1, json.dumps(results).encode())
{end}
os._exit(0)
"""


def inmate(
    tmp_path: Path, *locks: str, user: int = 0, end: str = "", **settings: Any
) -> tuple[dict[str, str], int]:
    """What became of each trial under some locks, and how the process ended."""
    settings = {"memory": 512 * 1024 * 1024, "cpu": 20.0, "executable": False} | settings
    settings |= {"locks": locks, "user": user, "file": str(tmp_path / "new")}
    (tmp_path / "new.other").write_bytes(b"")
    tmp_path.chmod(0o777)
    program = _INMATE.format(source=SOURCE, end=end)
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(settings)], capture_output=True, timeout=60
    )
    assert done.stdout, done.stderr.decode()
    return json.loads(done.stdout), done.returncode


def refused(results: dict[str, str]) -> dict[str, str]:
    return {name: result for name, result in results.items() if result != "done"}


EVERYTHING = {
    "read a file": "EPERM",
    "list a folder": "EPERM",
    "write a file": "EPERM",
    "remove a file": "EPERM",
    "a socket": "EPERM",
    "connect": "EPERM",
    "a pipe": "EPERM",
    "a signal": "EPERM",
    "fork": "EPERM",
    "exec": "EPERM",
    "spawn": "EPERM",
    "executable memory": "EPERM",
    "memory made executable": "EPERM",
}


def need(*locks: str) -> None:
    if missing := set(locks) - _jail.available():
        pytest.skip(f"this system has no {' and no '.join(sorted(missing))}")


def test_no_lock_refuses_nothing(tmp_path: Path) -> None:
    results, status = inmate(tmp_path)
    assert (refused(results), status) == ({"exec": "ENOENT"}, 0)


@pytest.mark.parametrize("user", [0, 65534])
def test_all_locks(user: int, tmp_path: Path) -> None:
    need(*LOCKS)
    if user and os.geteuid():
        pytest.skip("only root becomes another user")
    results, status = inmate(tmp_path, *LOCKS, user=user)
    assert refused(results) == EVERYTHING | {"privileges": "EPERM", "a GiB": "MemoryError"}
    assert status == 0
    assert not (tmp_path / "new").exists()
    assert (tmp_path / "new.other").exists()


def test_seccomp_alone(tmp_path: Path) -> None:
    need("seccomp", "no_new_privs")
    results, _ = inmate(tmp_path, "no_new_privs", "seccomp")
    # It does not even say whether there are more privileges to be had.
    assert refused(results) == EVERYTHING | {"privileges": "EPERM"}


def test_seccomp_for_who_compiles(tmp_path: Path) -> None:
    need("seccomp", "no_new_privs")
    results, _ = inmate(tmp_path, "no_new_privs", "seccomp", executable=True)
    assert {name: results[name] for name in EVERYTHING if "executable" in name} == {
        "executable memory": "done",
        "memory made executable": "done",
    }
    assert results["fork"] == results["read a file"] == "EPERM"


def test_landlock_alone(tmp_path: Path) -> None:
    need("landlock", "no_new_privs")
    results, _ = inmate(tmp_path, "no_new_privs", "landlock")
    files = {"read a file", "list a folder", "write a file", "remove a file", "spawn"}
    assert {results[name] for name in files} == {"EACCES"}
    version = _jail._landlock_version()
    assert results["connect"] == ("EACCES" if version >= 4 else "done")
    assert results["a signal"] == ("EPERM" if version >= 6 else "done")
    assert results["fork"] == results["executable memory"] == "done"


def test_limits_alone(tmp_path: Path) -> None:
    results, _ = inmate(tmp_path, "rlimits", user=0 if os.geteuid() else 65534)
    expected = {"a socket": "EMFILE", "a pipe": "EMFILE", "read a file": "EMFILE", "a GiB": "MemoryError"}
    assert {name: results[name] for name in expected} == expected
    assert results["fork"] == "EAGAIN"
    assert results["compute"] == "done"


def test_no_new_privileges_alone(tmp_path: Path) -> None:
    need("no_new_privs")
    results, _ = inmate(tmp_path, "no_new_privs")
    assert refused(results) == {"privileges": "EPERM", "exec": "ENOENT"}


@pytest.mark.parametrize("locks", [("rlimits",), LOCKS])
def test_processor_time_ends(locks: tuple[str, ...], tmp_path: Path) -> None:
    need(*locks)
    _, status = inmate(tmp_path, *locks, end="while True: pass", cpu=0.3)
    assert status in (-signal.SIGPROF, -signal.SIGXCPU)


def test_an_abort_is_still_one(tmp_path: Path) -> None:
    need(*LOCKS)
    _, status = inmate(tmp_path, *LOCKS, end="os.abort()")
    assert status == -signal.SIGABRT


def test_no_file_by_writing_to_an_open_one(tmp_path: Path) -> None:
    need(*LOCKS)
    end = "os.write(2, b'pipes are no files')"
    assert inmate(tmp_path, *LOCKS, end=end)[1] == 0


def test_all_threads_are_locked_up(tmp_path: Path) -> None:
    """Threads that were there before: the list of calls is for them as well."""
    need("seccomp", "no_new_privs")
    program = f"""
import os, sys, threading
sys.path.insert(0, {SOURCE!r})
from wasmrecords import _jail
entered = threading.Event()
def work():
    entered.wait()
    try:
        open("/etc/passwd")
    except PermissionError:
        os._exit(7)
thread = threading.Thread(target=work)
thread.start()
_jail.enter(["no_new_privs", "seccomp"], memory=None, cpu=None, executable=False)
entered.set()
thread.join()
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 7


def test_a_lock_that_does_not_hold_is_an_error() -> None:
    """Without the right to go without new privileges, and as no root, the kernel takes no list of calls."""
    if os.geteuid():
        pytest.skip("only root becomes another user")
    need("seccomp")
    program = f"""
import os, sys
sys.path.insert(0, {SOURCE!r})
from wasmrecords import _jail
os.setgid(65534); os.setuid(65534)
try:
    _jail.enter(["seccomp"], memory=None, cpu=None, executable=False)
except OSError as error:
    assert error.errno == {errno.EACCES}, error
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "the lock seccomp does not hold" in done.stdout, done.stderr


def test_asking_changes_nothing() -> None:
    before = Path("/proc/self/status").read_text()
    _jail.available.cache_clear()
    _jail.available()
    locks = ("NoNewPrivs", "Seccomp")
    after = Path("/proc/self/status").read_text()
    assert [line for line in before.splitlines() if line.startswith(locks)] == [
        line for line in after.splitlines() if line.startswith(locks)
    ]
