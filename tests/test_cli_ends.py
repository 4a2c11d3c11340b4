"""How every command ends: nobody takes what it prints, and interrupts at any moment, the last ones too."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from guests import guest

from wasmrecords.cli._parser import run_parser

FULL = "wasmrecords: error: cannot write standard output: No space left on device\n"
CLOSED = "wasmrecords: error: cannot write standard output: Bad file descriptor\n"
needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a full device is needed")
PRINTING = [
    ["--help"],
    ["help", "bench"],
    ["run", "--help"],
    ["inspect", "records"],
    ["inspect", "records", "--json"],
    ["explain", "--jq", "."],
    ["explain", "--jq", ".", "in.ndjson"],
    ["cache"],
    ["compile", "records"],
    ["check", "m.wasm"],
    ["bench", "m.wasm", "in.ndjson", "--seconds", "0.01"],
    ["new", "made"],
]


@needs_full
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_full_device(run_cli: Any, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "in.ndjson").write_bytes(b'{"n":1}\n')
    (tmp_path / "m.wasm").write_bytes(guest())
    with open("/dev/full", "wb") as full:
        ended = run_cli(*arguments, stdout=full)
    assert (ended.code, ended.err) == (3, FULL)


@needs_full
def test_a_full_device_for_a_schema(run_cli: Any) -> None:
    with open("/dev/full", "wb") as full:
        ended = run_cli("schema", "infer", "-q", stdin=b'{"n":1}\n', stdout=full)
    assert ended.code == 3
    assert ended.err.startswith(FULL.rstrip("\n"))


@pytest.mark.parametrize("arguments", ["--help", "run --help", "inspect records", "explain --jq ."])
def test_a_standard_output_that_is_closed(
    command: list[str], cli_environment: dict[str, str], records_wasm: Path, arguments: str
) -> None:
    line = f"{' '.join(command)} {arguments} >&-"
    done = subprocess.run(["bash", "-c", line], env=cli_environment, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr.decode()) == (3, CLOSED)


def test_a_reader_that_leaves_says_nothing_of_what_was_explained(run_cli: Any) -> None:
    """A record that fails makes no other end of explain; of run it does."""
    reader, writer = os.pipe()
    os.close(reader)
    ended = run_cli("explain", "--jq", "error", "-", stdin=b'{"n":1}\n', stdout=writer)
    os.close(writer)
    assert (ended.code, ended.err) == (0, "")


def test_an_interrupt_at_any_call_of_the_reading_of_arguments_is_one() -> None:
    arguments = ["--jq", ".a", "in.ndjson", "-q", "--limit", "time=1", "--", "-x"]
    calls, at = 0, -1

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        if event == "call":
            calls += 1
            if calls == at:
                raise KeyboardInterrupt

    def read(interrupted_at: int) -> None:
        nonlocal calls, at
        parser = run_parser()
        calls, at = 0, interrupted_at
        gc.disable()  # others have functions that are called when it collects
        sys.setprofile(count)
        try:
            parser.read(arguments)
        finally:
            sys.setprofile(None)
            gc.enable()

    read(-1)  # what it loads and keeps, it does so once
    read(-1)
    for number in range(1, calls + 1):
        with pytest.raises(KeyboardInterrupt):
            read(number)


# What is run first in the process of a command; PROGRAM gets a signal while it ends.
LATE = """
import atexit, os, signal, sys, threading
sys.argv[1:] = ["cache"]
import wasmrecords.cli as cli
def strike(*_):
    os.kill(os.getpid(), NUMBER)
WHEN
sys.exit(cli.main())
"""


def ended(program: str, environment: dict[str, str]) -> tuple[int, str]:
    """The status of a program and what it said on standard error."""
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, timeout=60)
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "when",
    [
        "atexit.register(strike)",
        "threading.Thread(target=lambda: (threading.main_thread().join(), strike())).start()",
    ],
    ids=["at its exit", "while threads end"],
)
def test_a_signal_when_all_is_done_just_ends_the_process(
    cli_environment: dict[str, str], number: signal.Signals, when: str
) -> None:
    program = LATE.replace("WHEN", when).replace("NUMBER", str(int(number)))
    assert ended(program, cli_environment) == (-number, "")


def test_an_interrupt_that_is_ignored_stays_so(cli_environment: dict[str, str]) -> None:
    """As for what a shell starts in the background."""
    when = "signal.signal(signal.SIGINT, signal.SIG_IGN); atexit.register(strike)"
    program = LATE.replace("WHEN", when).replace("NUMBER", str(int(signal.SIGINT)))
    assert ended(program, cli_environment) == (0, "")


def test_a_second_interrupt_while_the_first_is_said(cli_environment: dict[str, str]) -> None:
    when = """
def again(frame, event, _):
    if event == "call" and frame.f_code.co_name == "error":
        raise KeyboardInterrupt
def interrupted(*_):
    sys.setprofile(again)
    raise KeyboardInterrupt
cli._dispatch = interrupted
"""
    assert ended(LATE.replace("WHEN", when).replace("NUMBER", "2"), cli_environment) == (130, "")


def test_an_interrupt_before_the_command_is_there(cli_environment: dict[str, str]) -> None:
    program = """
import runpy, signal, sys
import wasmrecords
class Finder:
    @staticmethod
    def find_spec(name, *_):
        if name == "wasmrecords.cli":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder)
runpy.run_module("wasmrecords", run_name="__main__")
"""
    assert ended(program, cli_environment) == (130, "")
