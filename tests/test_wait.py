"""Files that do not block: what has nothing for now has not ended, what takes nothing now is waited for."""

from __future__ import annotations

import io
import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pytest
from guests import guest

import wasmrecords as wr

LINES = b"".join(b"a%d\n" % number for number in range(60_000))  # more than a pipe has room for


KINDS = ["raw", "buffered", "read"]


class OnlyReads:
    """A source in Python that has only ``read``."""

    def __init__(self, raw: Any) -> None:
        self.read, self.fileno = raw.read, raw.fileno


@pytest.fixture(scope="module")
def transform() -> wr.Transform:
    return wr.load(guest())


@pytest.fixture(scope="module")
def shipped(records_wasm: object) -> wr.Transform:
    return wr.validate(True)


@contextmanager
def a_pipe(blocks: str) -> Iterator[tuple[int, int]]:
    """Its ends; only the named one blocks."""
    ends = dict(zip(("reader", "writer"), os.pipe(), strict=True))
    for name, end in ends.items():
        os.set_blocking(end, name == blocks)
    yield ends["reader"], ends["writer"]


@contextmanager
def slowly(number: int, lines: list[bytes]) -> Iterator[None]:
    """Another thread writes them there, with pauses."""

    def write() -> None:
        with open(number, "wb", buffering=0) as file:
            for line in lines:
                time.sleep(0.03)
                file.write(line)

    thread = threading.Thread(target=write)
    thread.start()
    yield
    thread.join()


@contextmanager
def slow_source(kind: str, lines: list[bytes]) -> Iterator[Any]:
    """The end of a pipe into which they are written with pauses; to read from it does not block."""
    with (
        a_pipe("writer") as (reader, writer),
        slowly(writer, lines),
        open(reader, "rb", buffering=-1 if kind == "buffered" else 0) as file,
    ):
        yield OnlyReads(file) if kind == "read" else file


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_that_has_nothing_for_now_has_not_ended(transform: wr.Transform, kind: str) -> None:
    with slow_source(kind, [b"a1\n", b"a2\n", b"a3"]) as source:
        output = b"".join(batch.output for batch in transform.stream(source))
    assert output == b"a1\na2\na3\n"


@pytest.mark.parametrize("kind", KINDS)
def test_nor_has_one_of_a_run(transform: wr.Transform, kind: str) -> None:
    output = io.BytesIO()
    with slow_source(kind, [b"a1\n", b"a2\n", b"a3"]) as source:
        report = wr.run(source, transform, output)
    assert (report.counts.read, output.getvalue()) == (3, b"a1\na2\na3\n")


def test_nor_has_one_that_is_read_into_the_guest(shipped: wr.Transform) -> None:
    """Lines through our own module from a file go there at once, from the second batch on."""
    with slow_source("raw", [b"1\n", b"2\n", b"3\n4", b"5\n"]) as source:
        output = b"".join(batch.output for batch in shipped.stream(source))
    assert output == b"1\n2\n3\n45\n"


def test_what_cannot_be_waited_for_is_said() -> None:
    class Source(io.RawIOBase):
        def readinto(self, _buffer: Any, /) -> None:
            return None

    with wr.load(guest()) as transform:
        for work in (
            lambda: list(transform.stream(Source())),
            lambda: wr.run(Source(), transform, io.BytesIO()),
        ):
            with pytest.raises(wr.SourceError, match="Source does not block and has no descriptor"):
                work()


@pytest.mark.parametrize("buffering", [0, -1, len(LINES) + 1], ids=["raw", "buffered", "at the end"])
def test_an_output_that_takes_nothing_now_is_waited_for(transform: wr.Transform, buffering: int) -> None:
    taken: list[bytes] = []

    def take(reader: int) -> None:
        with open(reader, "rb") as file:
            time.sleep(0.1)  # until the pipe is full
            taken.append(file.read())

    with a_pipe("reader") as (reader, writer):
        thread = threading.Thread(target=take, args=(reader,))
        thread.start()
        with open(writer, "wb", buffering=buffering) as output:
            wr.run(io.BytesIO(LINES), transform, output)
        thread.join()
    assert taken == [LINES]


@contextmanager
def a_high_number(number: int) -> Iterator[BinaryIO]:
    """The same descriptor under a number that ``select`` does not take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1100:
        pytest.skip("a process cannot have so many descriptors here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1100), hard))
    try:
        os.dup2(number, 1050)
        os.close(number)
        with open(1050, "r+b", buffering=0) as file:
            yield file
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_descriptors_beyond_those_that_select_knows(transform: wr.Transform, tmp_path: Any) -> None:
    os.mkfifo(tmp_path / "fifo")
    reader = os.open(tmp_path / "fifo", os.O_RDWR | os.O_NONBLOCK)
    writer = os.open(tmp_path / "fifo", os.O_WRONLY)
    with a_high_number(reader) as source, slowly(writer, [b"a1\n"]):
        works = transform.stream(source)
        assert next(works).output == b"a1\n"
        works.close()  # type: ignore[attr-defined]
