"""An interrupt at any line of a run: what is left of it has a name that is told."""

from __future__ import annotations

import contextlib
import gc
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import wasmrecords as wr
from wasmrecords import pipeline

FILES = str(Path(pipeline.__file__).parent)
LOOKS = str(Path(FILES, "_source.py"))  # an interrupt of a generator that ends is lost, in all of Python


class Interrupt(Exception):
    """What the handler raises; no one else does."""


@contextlib.contextmanager
def interrupted_at(line: int) -> Iterator[list[int]]:
    """A signal in front of this line of those that the pipeline runs; gives how many there were."""
    lines = [0]

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(FILES) or name == LOOKS:
            return None
        if event == "line":
            lines[0] += 1
            if lines[0] == line:
                sys.settrace(None)
                signal.raise_signal(signal.SIGALRM)
        return trace

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise Interrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    gc.disable()  # an interrupt of what it collects would be lost
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(None)
        gc.enable()
        signal.signal(signal.SIGALRM, before)


def lines_of(path: Path) -> int:
    return path.read_bytes().count(b"\n")


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no such signal")
@pytest.mark.parametrize("bad", [b"", b"bad\n"], ids=["all kept", "one failed"])
def test_an_interrupt_at_any_line_leaves_nothing_without_a_name(
    records_wasm: Path, tmp_path: Path, bad: bytes
) -> None:
    source = tmp_path / "in.ndjson"
    source.write_bytes(b'{"a": 1}\n' + bad + b'{"a": 2}\n')

    def run(line: int) -> int:
        folder = tmp_path / str(line)
        folder.mkdir()
        out, report = folder / "out", folder / "report"
        out.write_bytes(b"old\n")
        words = ""
        with interrupted_at(line) as lines:
            try:
                wr.run(source, transform, out, report=report)
            except Interrupt as error:
                words = " ".join(getattr(error, "__notes__", ()))
        unnamed = [part.name for part in folder.glob("*.part") if str(part) not in words]
        assert unnamed == [], (line, words)
        assert out.read_bytes() in (b"old\n", b'{"a":1}\n{"a":2}\n')
        if report.exists():
            told = json.loads(report.read_bytes())
            assert sum(told["codes"].values()) == told["counts"]["failed"], line
            assert (told["first_failure"] is None) == (told["counts"]["failed"] == 0), line
            parts = [part for part in folder.glob("out.*.part") if "errors" not in part.name]
            there = out if told["finished"] or not parts else parts[0]
            if there is not out or told["counts"]["read"]:
                assert told["bytes_out"] == there.stat().st_size, line
                assert told["counts"]["written"] == lines_of(there), line
        return lines[0]

    with wr.jq(".") as transform:
        transform.run(b"")
        count = run(0)
        assert count > 100
        for line in range(1, count + 1):
            run(line)
