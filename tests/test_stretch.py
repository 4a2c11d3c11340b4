"""Batches straight from a source to a sink: the same files as by the usual road, whatever comes between."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from test_lent import INPUTS, believed, lines, stranger  # noqa: F401 fixtures

import wasmrecords as wr
from wasmrecords import Transform
from wasmrecords._source import BATCH
from wasmrecords._stretch import BelievedInstance, Stretch

alarms = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals of POSIX")


@pytest.fixture
def stretches(monkeypatch: pytest.MonkeyPatch) -> list[Stretch]:
    """Those that were made, in order."""
    made: list[Stretch] = []
    stretch = BelievedInstance.stretch

    def noted(self: BelievedInstance, *given: Any) -> Stretch:
        made.append(stretch(self, *given))
        return made[-1]

    monkeypatch.setattr(BelievedInstance, "stretch", noted)
    return made


@contextlib.contextmanager
def alarm(seconds: float, handler: Any, *, again: bool = False, of: str = "PROF") -> Iterator[None]:
    """The handler is called after some seconds of this process's work, or with ``of="REAL"`` on the wall."""
    number = signal.SIGPROF if of == "PROF" else signal.SIGALRM
    timer = getattr(signal, f"ITIMER_{of}")
    before = signal.signal(number, handler)
    signal.setitimer(timer, seconds, seconds if again else 0)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)


class Now(Exception):
    """What a handler raises."""


def now(*_: Any) -> None:
    """Such a handler."""
    raise Now


def files(folder: Path, transform: Transform, data: bytes) -> tuple[Any, ...]:
    """What a run leaves: counts, sizes, the output and the dead letters."""
    (folder / "in").write_bytes(data)
    report = wr.run(folder / "in", transform, folder / "out", errors=folder / "bad", input="ndjson")
    return (
        report.counts,
        report.bytes_in,
        report.bytes_out,
        (folder / "out").read_bytes(),
        (folder / "bad").read_bytes(),
    )


@pytest.mark.parametrize("name", INPUTS)
def test_the_files_are_those_of_a_guest_that_is_not_believed(
    name: str,
    believed: Transform,  # noqa: F811
    stranger: Transform,  # noqa: F811
    stretches: list[Stretch],
    tmp_path: Path,
) -> None:
    left = files(tmp_path, believed, INPUTS[name])
    assert left == files(tmp_path, stranger, INPUTS[name])
    if name == "only good ones":
        assert any(stretch.done for stretch in stretches)


@alarms
def test_who_interrupts_a_run_finds_the_records_that_were_counted(
    believed: Transform,  # noqa: F811
    stretches: list[Stretch],
    tmp_path: Path,
) -> None:
    data = lines(200_000)
    (tmp_path / "in").write_bytes(data)
    for number in range(8):
        with alarm(0.01 + 0.003 * number, now), pytest.raises(Now) as raised:  # noqa: PT012 until it comes
            for _ in range(100):
                wr.run(tmp_path / "in", believed, tmp_path / "out", input="ndjson")
        parts = list(tmp_path.glob("out.*.part"))
        written = b"".join(part.read_bytes() for part in parts)
        assert data.startswith(written)
        # It may also have come between two runs.
        for note in getattr(raised.value, "__notes__", [])[:1]:
            assert note == f"{written.count(b'a'):,} records were done"
        for part in parts:
            part.unlink()
    assert any(stretch.done and isinstance(stretch.error, Now) for stretch in stretches)
    assert signal.getsignal(signal.SIGPROF) is not now


@alarms
def test_a_handler_that_does_not_raise_is_called_and_all_goes_on(
    believed: Transform,  # noqa: F811
    tmp_path: Path,
) -> None:
    seen: list[threading.Thread] = []
    data = lines(100_000)
    with alarm(0.005, lambda *_: seen.append(threading.current_thread()), again=True):
        assert files(tmp_path, believed, data)[3] == data
        assert signal.getsignal(signal.SIGPROF).__name__ == "<lambda>"
    assert len(seen) > 1
    assert set(seen) == {threading.main_thread()}


@alarms
def test_a_handler_may_choose_its_successor(believed: Transform, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "in").write_bytes(lines(100_000))
    then = partial(signal.signal, signal.SIGPROF, now)
    with alarm(0.005, lambda *_: then(), again=True), pytest.raises(Now):  # noqa: PT012 as above
        for _ in range(100):
            wr.run(tmp_path / "in", believed, tmp_path / "out", input="ndjson")


@alarms
@pytest.mark.parametrize("end", ["reading", "writing"])
def test_a_pipe_that_says_nothing_does_not_hold_up_a_signal(
    end: str,
    believed: Transform,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Neither where a batch is waited for nor where one cannot be written."""

    read, write = os.pipe()
    started = time.monotonic()
    with open(read, "rb", buffering=0) as source, open(write, "wb", buffering=0) as sink:
        if end == "reading":
            sink.write(b"a1\n")
            with alarm(0.3, now, of="REAL"), pytest.raises(Now) as raised:
                wr.run(source, believed, tmp_path / "out", input="ndjson")
            assert raised.value.__notes__[0] == "1 record was done"
        else:
            (tmp_path / "in").write_bytes(lines(10_000))
            path = f"/dev/fd/{write}"
            if not os.path.exists(path):
                pytest.skip("no names for what is open")
            with alarm(0.3, now, of="REAL"), pytest.raises(Now):
                wr.run(tmp_path / "in", believed, path, input="ndjson")
    assert time.monotonic() - started < 5


def test_a_reader_that_leaves_ends_the_run(believed: Transform, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "in").write_bytes(lines(20_000))
    read, write = os.pipe()
    os.mkfifo(tmp_path / "out")
    os.close(read)
    os.close(write)

    def look() -> None:
        with open(tmp_path / "out", "rb") as file:
            file.read(BATCH * 2)

    thread = threading.Thread(target=look)
    thread.start()
    with pytest.raises(BrokenPipeError):
        wr.run(tmp_path / "in", believed, tmp_path / "out", input="ndjson")
    thread.join()
    # The transform is whole.
    assert believed.run(b"a1\n").output == b"a1\n"
