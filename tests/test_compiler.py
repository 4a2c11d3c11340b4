"""Strangers' modules and the compiler: in a process of its own, at a bounded cost, nothing left behind."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from guests import guest, section

import wasmrecords as wr
from wasmrecords import _compiler, _module
from wasmrecords._limits import Limits
from wasmrecords._module import load_module

SOURCE, TESTS = str(Path(wr.__file__).parent.parent), str(Path(__file__).parent)
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, or needs the locks of Linux")


@functools.cache
def bomb(loops: int) -> bytes:
    """A module of less than 100 KB, valid and within all caps, on which the compiler works for half a minute
    (800 loops within each other) or asks for a GiB at once (5,000)."""
    count = 4_900
    pairs = [(2 + i % count, 2 + (7 * i + 1) % count) for i in range(5_000)]
    work = "".join(f"(local.set {a} (i64.add (local.get {a}) (local.get {b})))" for a, b in pairs)
    nest = "(loop (br_if 0 (local.get 0)) " * loops + work + ")" * loops
    return guest(extra=f'(func (export "bomb") (param i32 i32) (local {"i64 " * count}) {nest})')


def other(number: int) -> bytes:
    return guest() + section("compiler", str(number).encode())


def children(process: int | str = "self") -> list[int]:
    """The processes that another one started and that are still in the table, zombies among them."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that ended meanwhile
            found += map(int, (task / "children").read_text().split())
    return found


def wait_for(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
    return found


def descriptors() -> int:
    """How many are open, but for those that compiled modules hold: their memory's first content."""
    _module._compiled.clear()
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No process, no zombie and no descriptor, and the next module is as good as ever."""
    if sys.platform != "linux":
        yield
        return
    others, before = set(children()), descriptors()
    yield
    assert set(children()) <= others
    assert descriptors() == before
    with wr.load(other(time.time_ns())) as transform:
        assert transform.run(b"a\n").output == b"a\n"


def compile_in_thread(data: bytes, limits: Limits = Limits()) -> tuple[threading.Thread, list[BaseException]]:
    """Loads a module elsewhere, so that its compiler can be looked at from here."""
    errors: list[BaseException] = []

    def work() -> None:
        with contextlib.ExitStack() as stack:
            stack.push(lambda kind, error, trace: errors.append(error) or True if error else None)  # type: ignore[func-returns-value, arg-type]
            load_module(data, limits)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, errors


def compiler_of(process: int | str = "self") -> int:
    """The number of the process that compiles, once it does."""

    def ready() -> int | None:
        for child in children(process):
            with contextlib.suppress(OSError):
                # The last of the limits that it puts on itself before it reads the module.
                if "Max cpu time              unlimited" not in Path(f"/proc/{child}/limits").read_text():
                    return child
        return None

    return int(wait_for(ready))


@linux
def test_a_bomb_costs_its_processor_time() -> None:
    with pytest.raises(wr.CompileLimit, match=r"not compiled within 0.5 s \(limit compile") as caught:
        load_module(bomb(800), Limits(compile=0.5))
    assert (caught.value.limit, caught.value.value) == ("compile", 0.5)


@linux
def test_a_bomb_costs_its_memory() -> None:
    with pytest.raises(wr.CompileLimit, match=r"needs more than 256 MiB .*limit compile_memory") as caught:
        load_module(bomb(5_000), Limits(compile_memory=256 * wr.MiB))
    assert (caught.value.limit, caught.value.value) == ("compile_memory", 256 * wr.MiB)


def test_a_module_is_as_good_as_if_it_was_compiled_here() -> None:
    data = b"a\ndrop\nfail\nx\n"
    apart, here = (load_module(other(number), Limits(), trusted=number == 2) for number in (1, 2))
    assert bytes(apart.module.serialize()) == bytes(here.module.serialize())
    with wr.load(other(3)) as transform:
        assert transform.run(data).counts == wr.Counts(4, 2, 1, 1, 2)


def test_what_is_not_valid_is_told_as_ever() -> None:
    data = guest(extra="(func (result i32) (i32.const 1))")
    broken = data.replace(b"\x41\x01\x0b", b"\x42\x01\x0b")
    for trusted in (False, True):
        with pytest.raises(wr.ModuleError, match="the module is not valid: type mismatch") as caught:
            load_module(broken, Limits(), trusted=trusted)
        assert caught.value.offset == broken.index(b"\x42\x01\x0b") + 2


@linux
def test_the_compiler_is_jailed() -> None:
    thread, errors = compile_in_thread(bomb(800), Limits(compile=20))
    child = compiler_of()
    status = Path(f"/proc/{child}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    wait_for(lambda: "Seccomp:\t2" in Path(f"/proc/{child}/status").read_text())
    limits = Path(f"/proc/{child}/limits").read_text()
    rows = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()}
    assert rows["Max address space"] == [str(2 * wr.GiB)] * 2
    assert rows["Max open files"] == rows["Max file size"] == rows["Max processes"] == ["0", "0"]
    assert rows["Max core file size"] == ["0", "0"]
    assert Path(f"/proc/{child}/environ").read_bytes().count(b"\0") <= 2
    assert sorted(os.listdir(f"/proc/{child}/fd")) == ["0", "1", "2"]
    os.kill(child, signal.SIGKILL)
    thread.join()
    assert isinstance(errors[0], wr.WasmRecordsError)


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGABRT])
def test_a_compiler_that_is_killed(number: signal.Signals) -> None:
    thread, errors = compile_in_thread(bomb(800), Limits(compile=20))
    os.kill(compiler_of(), number)
    thread.join()
    # Which error it is depends on whether it had begun with the module.
    assert isinstance(errors[0], wr.WasmRecordsError)
    assert f"ended with {number.name}" in str(errors[0])


@linux
def test_a_compiler_that_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compiler, "_WALL", 1.0)
    monkeypatch.setattr(_compiler, "_GRACE", 1.0)
    thread, errors = compile_in_thread(bomb(800), Limits(compile=3))
    os.kill(compiler_of(), signal.SIGSTOP)
    thread.join()
    assert isinstance(errors[0], wr.CompileLimit)
    assert "limit compile; it was stopped after" in str(errors[0])


@linux
def test_an_interrupt_ends_the_compiler() -> None:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 1.5)
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            load_module(bomb(800), Limits(compile=60))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - started < 15


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_parent_that_is_killed_takes_the_compiler_along(number: signal.Signals) -> None:
    program = (
        f"import sys; sys.path[:0] = [{SOURCE!r}, {TESTS!r}]\n"
        "from test_compiler import Limits, bomb, load_module\n"
        "load_module(bomb(800), Limits(compile=60))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        child = compiler_of(process.pid)
        process.send_signal(number)
        process.wait(20)
    wait_for(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text())


@linux
def test_who_wants_another_module_does_not_wait() -> None:
    thread, errors = compile_in_thread(bomb(800), Limits(compile=20))
    child = compiler_of()
    load_module(other(time.time_ns()), Limits())
    assert thread.is_alive()
    os.kill(child, signal.SIGKILL)
    thread.join()
    assert errors


def test_a_long_compile_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compiler, "_PATIENCE", 0.001)
    lines: list[str] = []
    load_module(other(4), Limits(), notify=lines.append)
    assert lines == ["wasmrecords: compiling the module module; it is kept for the next time"]


@pytest.mark.parametrize(
    ("executable", "words"),
    [
        ("", "sys.executable is nothing, not a Python"),
        ("/bin/false", "it ended with status 1"),
        ("/nowhere/python", "No such file or directory"),
    ],
)
def test_where_no_process_can_be_started(
    executable: str, words: str, monkeypatch: pytest.MonkeyPatch, records_wasm: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", executable)
        with pytest.raises(wr.WasmRecordsError) as caught:
            load_module(other(5), Limits())
        assert words in str(caught.value)
        assert "a module that is not ours is compiled in a process of its own" in str(caught.value)
        # What ships with the package needs none.
        wr.jq(".").close()


def test_a_program_that_was_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its executable is the program: it would start itself."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, "frozen", True, raising=False)
        with pytest.raises(wr.WasmRecordsError, match=r"sys\.executable is a frozen program"):
            load_module(other(6), Limits())


@pytest.mark.skipif(not hasattr(os, "chmod") or sys.platform == "win32", reason="needs a script as a program")
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("printf RC\\\\377\\\\377\\\\377\\\\377\\\\377\\\\377\\\\377\\\\377", "gave no code"),
        ("printf 'RC\\\\004\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0code'", "no code for this engine"),
        ("printf 'RX\\\\004\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0code'", "gave no code"),
        ("printf 'RI\\\\005\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\033[31m'", r"not valid: \x1b[31m"),
        ("printf R; echo '\\033[31m' >&2", r"\x1b[31m"),
        ("printf R; exit 3", "ended with status 3"),
        ("yes >&2 & sleep 0.2; kill $!", "none can be started here"),
        ("yes R", "gave no code"),
    ],
)
def test_a_child_that_lies(answer: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever the compiler was taken over by says whatever they like."""
    monkeypatch.setattr(_compiler, "_GRACE", 2.0)
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\n" + answer.replace("\\\\", "\\") + "\n")
    program.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(program))
        with pytest.raises(wr.WasmRecordsError) as caught:
            load_module(other(7), Limits())
    assert words in str(caught.value)
    assert str(caught.value).isprintable()
