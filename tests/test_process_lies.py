"""What a worker process says: replies as they were, and nothing that is believed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from guests import guest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_compiler import children
from test_process import load, nothing_left, pytestmark

import wasmrecords as wr
from wasmrecords import _process_link
from wasmrecords._process_child import ANSWER, REQUEST
from wasmrecords._reply import WRITTEN_TEXT, Expected, Lie, Reply, Row, read
from wasmrecords._reply_write import write
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
        draw(st.lists(st.integers(len(rows), finished - 1), min_size=len(lines), max_size=len(lines)))
        if lines
        else []
    )
    pairs = [(record, 0) for record in records]
    log = draw(st.binary(max_size=20))
    further = [
        (b"x\n" * n, n) for n in draw(st.lists(st.integers(0, 3 * (finished > len(rows))), max_size=3))
    ]
    pairs += [(finished - 1, output) for output, (_, n) in enumerate(further, 1) for _ in range(n)]
    reply = Reply(finished, dropped, len(rows), 100, 0, b"".join(lines), len(lines), rows, tuple(pairs), log)
    return reply._replace(further=tuple(further))


def block_of(reply: Reply) -> bytes:
    """As it lies in the memory that is shared."""
    return b"".join(write(reply))


EXPECTED = Expected("ndjson", 100, 100, True, True, WRITTEN_TEXT)


@settings(deadline=None)
@given(replies())
def test_a_reply_comes_through_as_it_was(reply: Reply) -> None:
    assert read(block_of(reply), 0, 100, EXPECTED._replace(outputs=1 + len(reply.further))) == reply


@given(replies().filter(lambda reply: reply.failed and reply.lineage), st.data())
def test_a_record_that_failed_has_no_output(reply: Reply, data: st.DataObject) -> None:
    first = data.draw(st.sampled_from([row.record for row in reply.rows]))
    pairs = ((first, reply.lineage[0][1]), *reply.lineage[1:])
    with pytest.raises(Lie, match=f"record {first} failed, and the lineage has it"):
        read(
            block_of(reply._replace(lineage=pairs)),
            0,
            100,
            EXPECTED._replace(outputs=1 + len(reply.further)),
        )


def test_the_longest_texts_come_through() -> None:
    for letter in ("\x1b", "é", "€", "\U0001f600", "é\x1b", "a"):
        words = clean_text(letter * 4096, 4096)
        reply = Reply(1, 0, 1, 1, 0, b"", 0, (Row(0, 0, 1, 0, "code", words, words),), (), b"")
        assert read(block_of(reply), 0, 1, EXPECTED) == reply


def test_the_texts_of_one_reply_have_a_bound() -> None:
    """They may all lie in the same place, so that the guest's memory is none."""
    words, count = "\x1b" * 4096, 4_000
    rows = tuple(Row(n, n, n, n, "code", words, words) for n in range(count))
    block = block_of(Reply(count, 0, count, count, 0, b"", 0, rows, (), b""))
    assert len(block) < 200_000
    found = read(block, 0, count, EXPECTED._replace(texts=4096))
    assert sum(len(row.path) + len(row.message) for row in found.rows) < 9_000_000
    assert len(found.rows[500].message) == 4096
    # What was cut once is not cut again on its way from the worker.
    assert read(block_of(found), 0, count, EXPECTED) == found


# --- a worker that was taken over -------------------------------------------------------------------

# It opens as one should, and answers each batch with the same bytes.
LIAR = """#!{python} -IS
import mmap, os, sys
memory = mmap.mmap(int(sys.argv[9]), 0)
os.write(1, {ready})
os.read(0, {request})
os.write(1, {opened})
memory[:len({block})] = {block}
while {read}:
    os.write(1, {answer})
    if len({answer}) < {whole}:
        break
"""


class Liar:
    """Has workers started by ``start`` say what they like, in place of what they are."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._path, self._patch = folder / "liar", patch
        load(guest()).close()  # compiled by a true process, and in the cache from now on

    def start(
        self, answer: bytes, block: bytes = b"", *, reads: bool = True, shipped: bool = False
    ) -> wr.Transform:
        """A transform whose workers open, and then give each batch this answer."""
        read = f"len(os.read(0, {REQUEST.size})) == {REQUEST.size}" if reads else "True"
        text = LIAR.format(
            python=sys.executable,
            ready=ANSWER.pack(b"K", 0, 0, 0),
            request=REQUEST.size,
            opened=ANSWER.pack(b"R", 0, 0, 0),
            answer=answer,
            block=block,
            read=read,
            whole=ANSWER.size,
        )
        self._path.write_text(text)
        self._path.chmod(0o700)
        self._patch.setattr(sys, "executable", str(self._path))
        return wr.jq(".", isolation="process") if shipped else load(guest())


@pytest.fixture
def liar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Liar:
    return Liar(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"R", "killed"),  # less than an answer, and gone
        (ANSWER.pack(b"R", 1 << 60, 0, 0), "killed"),
        (ANSWER.pack(b"R", 72, 0, 0), "reply"),
        (ANSWER.pack(b"R", 0, 0, 0), "reply"),
        (ANSWER.pack(b"Z", 0, 0, 0), "killed"),
        (ANSWER.pack(b"F", 0, 0, 4) + b"odd\n", "killed"),
        (ANSWER.pack(b"F", 0, 0, 11) + b"time\n1\n\x1b[31", "time"),
        (ANSWER.pack(b"F", 72, 0, 5) + b"trap\n", "trap"),
        (ANSWER.pack(b"F", 0, 0, 1 << 31), "killed"),
        (ANSWER.pack(b"E", 0, 0, 3) + b"\xff\x00\n", "trap"),
    ],
)
def test_a_worker_that_says_what_it_likes(answer: bytes, code: str, liar: Liar) -> None:
    with liar.start(answer) as transform:
        (failure,) = transform.run(b"a\n").failures
    assert failure.code == code
    assert failure.message.isprintable()


def test_a_worker_of_the_shipped_module_that_swallows_records(liar: Liar) -> None:
    """Elsewhere that module is believed, since it is ours; what comes out of a process may be anybody's."""
    block = block_of(Reply(1, 0, 0, 6, 0, b"1\n", 1, (), (), b""))
    with liar.start(ANSWER.pack(b"R", len(block), 1 << 63, 0), block, shipped=True) as transform:
        batch = transform.run(b"1\n2\n3\n")
    assert batch.counts.read == 3
    assert batch.fuel is None  # nor has it used what nobody counts
    assert {failure.code for failure in batch.failures} == {"reply"}


def test_a_worker_that_answers_without_having_read(liar: Liar) -> None:
    """Each answer is right, and its pipe is full at some time: that ends it, and not the run."""
    block = block_of(Reply(1, 0, 0, 2, 0, b"b\n", 1, (), (), b""))
    with liar.start(ANSWER.pack(b"R", len(block), 0, 0), block, reads=False) as transform:
        before = children()
        for _ in range(5000):
            assert transform.run(b"a\n").output == b"b\n"
        assert children() != before


def test_nobody_makes_the_shared_memory_smaller() -> None:
    region = _process_link.Region(8192)
    for size in (0, 4096, 16384):
        with pytest.raises(PermissionError):
            os.ftruncate(region.descriptor, size)
    region.close()
