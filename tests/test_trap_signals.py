"""Traps stay traps when others want the signals as well: ``faulthandler``, before and after the engine."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import wasmrecords as wr

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the signals of Linux")

_PATHS = [str(Path(wr.__file__).parent.parent), str(Path(__file__).parent)]

START = f"""
import sys
sys.path[:0] = {_PATHS!r}
import faulthandler, os, signal, threading
from guests import guest
import wasmrecords as wr

def attack(transform, *, threads=1):
    '''Every kind of trap, among records that are good.'''
    def run():
        batch = transform.run(b"a1\\no2\\na3\\nt4\\na5\\nz6\\na7\\ns8\\na9\\n")
        ends.append((batch.output, [f.code for f in batch.failures]))
    ends = []
    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running: thread.start()
    for thread in running: thread.join()
    assert ends == [(b"a1\\na3\\na5\\na7\\na9\\n", ["trap", "trap", "trap", "stack"])] * threads, ends
"""
TRAP_HANDLERS = "signal.SIGSEGV, signal.SIGILL, signal.SIGFPE, signal.SIGBUS"


def python(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A process of its own: how a process handles signals is a matter of what it did first."""
    command = [sys.executable, *options, "-c", f"{START}\n{program}\nprint('alive')"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


ORDERS = {
    "nobody else": "attack(wr.load(guest()))",
    "before the package": "faulthandler.enable(); attack(wr.load(guest()))",
    "before the first instance works": "t = wr.load(guest()); faulthandler.enable(); attack(t)",
    "between two batches": "t = wr.load(guest()); attack(t); faulthandler.enable(); attack(t); attack(t)",
    "on, off and on again": "faulthandler.enable(); t = wr.load(guest()); faulthandler.disable()\n"
    "faulthandler.enable(); attack(t); faulthandler.disable(); attack(t); faulthandler.enable(); attack(t)",
    "a new instance for each batch": "t = wr.load(guest(), isolation='fresh')\n"
    "attack(t); faulthandler.enable(); attack(t)",
    "a signal from outside, which the engine takes for a crash to come": "t = wr.load(guest())\n"
    "os.kill(os.getpid(), signal.SIGSEGV); attack(t)",
    "another module": "wr.load(guest()); faulthandler.enable(); attack(wr.load(guest() + b'\\0\\2\\1a'))",
    "eight threads": "t = wr.load(guest()); faulthandler.enable(); attack(t, threads=8)",
    "a handler in Python": f"t = wr.load(guest())\nfor number in ({TRAP_HANDLERS}):\n"
    "    signal.signal(number, lambda *_: None)\nattack(t)",
    "ignored": f"t = wr.load(guest())\nfor number in ({TRAP_HANDLERS}):\n"
    "    signal.signal(number, signal.SIG_IGN)\nattack(t)",
    "in a forked child": "t = wr.load(guest()); attack(t); faulthandler.enable()\n"
    "import warnings; warnings.simplefilter('ignore', DeprecationWarning)  # threads, from 3.12 on\n"
    "if os.fork() == 0:\n"
    "    attack(t); attack(wr.load(guest())); os._exit(7)\nassert os.wait()[1] == 7 << 8\nattack(t)",
}


@pytest.mark.parametrize("order", ORDERS)
def test_traps_are_dead_letters(order: str) -> None:
    done = python(ORDERS[order])
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")


def test_a_handler_that_was_there_before_is_still_asked() -> None:
    """A crash of the host is faulthandler's, though guests have trapped."""
    done = python("faulthandler.enable(); attack(wr.load(guest())); import ctypes; ctypes.string_at(0)")
    assert done.returncode == -signal.SIGSEGV
    assert "Fatal Python error: Segmentation fault" in done.stderr


def test_a_crash_of_the_host_is_still_one() -> None:
    crash = "import ctypes; ctypes.string_at(0)"
    done = python(f"t = wr.load(guest()); faulthandler.enable(); attack(t); {crash}")
    assert done.returncode == -signal.SIGSEGV
    assert done.stdout == ""


def test_with_the_option_of_the_interpreter() -> None:
    done = python("attack(wr.load(guest()))", "-X", "faulthandler")
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")


def test_handlers_above_an_engine_of_somebody_else() -> None:
    """Whose handlers were taken before we came cannot be known: it is said, and nothing runs."""
    engine = "import wasmtime; wasmtime.Engine(); "
    attempt = "\ntry: wr.load(guest())\nexcept wr.WasmRecordsError as error: print(error)"
    done = python(f"guest(); {engine} faulthandler.enable() {attempt}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("SIGSEGV is handled by others than wasmtime, so that a guest's trap would")
    assert done.stdout.endswith("before anything uses wasmtime\nalive\n")
    done = python(
        f"guest(); {engine} attack(wr.load(guest())); faulthandler.enable(); attack(wr.load(guest()))"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")
