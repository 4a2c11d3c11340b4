"""What a worker process says: replies as they were, and nothing that is believed."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from guests import guest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_compiler import children
from test_process import load, nothing_left, pytestmark

from wasmrecords import _process_link
from wasmrecords._reply import WRITTEN_TEXT, Copied, Expected, Reply, Row, read, write
from wasmrecords._text import clean_text

__all__ = ["nothing_left", "pytestmark"]

texts = st.text(max_size=30).map(lambda text: clean_text(text, 4096))


@st.composite
def replies(draw: Any) -> Reply:
    lines = draw(st.lists(st.integers(0, 9).map(lambda n: b"%d\n" % n), max_size=5))
    starts = sorted(draw(st.sets(st.integers(0, 99), max_size=5)))
    codes = st.from_regex(r"[A-Za-z0-9_$]{1,64}", fullmatch=True)
    rows = tuple(
        Row(n, start, start + 1, start, draw(codes), draw(texts) or "$", draw(texts))
        for n, start in enumerate(starts)
    )
    kept = draw(st.integers(0, len(lines))) if lines else 0
    if lines and not kept:
        kept = 1
    dropped = draw(st.integers(0, 5))
    finished = kept + dropped + len(rows)
    records = sorted(
        draw(st.lists(st.integers(0, finished - 1), min_size=len(lines), max_size=len(lines)))
        if lines
        else []
    )
    pairs = tuple((record, 0) for record in records)
    log = draw(st.binary(max_size=20))
    return Reply(finished, dropped, len(rows), 100, 0, b"".join(lines), len(lines), rows, pairs, log)


EXPECTED = Expected("ndjson", 100, 100, True, True, WRITTEN_TEXT)


@settings(deadline=None)
@given(replies())
def test_a_reply_comes_through_as_it_was(reply: Reply) -> None:
    assert read(Copied(write(reply)), 0, 100, EXPECTED) == reply


def test_the_longest_texts_come_through() -> None:
    for letter in ("\x1b", "é", "€", "\U0001f600", "é\x1b", "a"):
        words = clean_text(letter * 4096, 4096)
        reply = Reply(1, 0, 1, 1, 0, b"", 0, (Row(0, 0, 1, 0, "code", words, words),), (), b"")
        assert read(Copied(write(reply)), 0, 1, EXPECTED) == reply


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"R", "killed"),  # less than an answer, and gone
        (_process_link.ANSWER.pack(b"R", 1 << 60, 0, 0), "killed"),
        (_process_link.ANSWER.pack(b"R", 72, 0, 0), "reply"),
        (_process_link.ANSWER.pack(b"R", 0, 0, 0), "reply"),
        (_process_link.ANSWER.pack(b"Z", 0, 0, 0), "killed"),
        (_process_link.ANSWER.pack(b"F", 0, 0, 4) + b"odd\n", "killed"),
        (_process_link.ANSWER.pack(b"F", 0, 0, 11) + b"time\n1\n\x1b[31", "time"),
        (_process_link.ANSWER.pack(b"F", 72, 0, 5) + b"trap\n", "trap"),
        (_process_link.ANSWER.pack(b"F", 0, 0, 1 << 31), "killed"),
        (_process_link.ANSWER.pack(b"E", 0, 0, 3) + b"\xff\x00\n", "trap"),
    ],
)
def test_a_worker_that_says_what_it_likes(answer: bytes, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its guest took it over: the answers to each batch are the guest's own."""
    real = _process_link.WorkerProcess._read

    def lies(process: Any, size: int, until: float) -> bytes:
        if not getattr(process, "lies", False):
            return real(process, size, until)
        said = getattr(process, "said", answer)
        process.said = said[size:]
        if len(said) < size:
            process.process.kill()
            return real(process, size, until)
        return said[:size]

    monkeypatch.setattr(_process_link.WorkerProcess, "_read", lies)
    with load(guest()) as transform:
        real_ask = _process_link.WorkerProcess.ask

        def ask(process: Any, kind: bytes, *rest: Any) -> Any:
            process.lies = kind == b"B"
            return real_ask(process, kind, *rest)

        monkeypatch.setattr(_process_link.WorkerProcess, "ask", ask)
        (failure,) = transform.run(b"a\n").failures
        assert failure.code == code
        assert failure.message.isprintable()
        monkeypatch.undo()
        for child in children():  # what they really said is still in their pipes
            os.kill(child, signal.SIGKILL)
        assert transform.run(b"a\n").output == b"a\n"


def test_nobody_makes_the_shared_memory_smaller() -> None:
    region = _process_link.Region(8192)
    for size in (0, 4096, 16384):
        with pytest.raises(PermissionError):
            os.ftruncate(region.descriptor, size)
    region.close()
