"""Memory of a guest that is believed, lent to who reads and who writes: the same records as without.

The guests by hand count as ours here, and say what such a module says: how many lines are no records.
"""

from __future__ import annotations

import io
import os
import select
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from guests import BLOCK, guest

import wasmrecords as wr
from wasmrecords import Transform
from wasmrecords._source import BATCH, Reader

# A block of 76 bytes, whose last word counts blank lines: those that end before any text.
BELIEVED: dict[str, str] = {
    "open": f"(call $set (i32.const 4) (i32.const 76)) (i32.const {BLOCK})",
    "record": "(call $set (i32.const 72) (global.get $blank))",
    "extra": "(global $blank (mut i32) (i32.const 0))",
}


def ours(**changes: str) -> Transform:
    made = guest(**(BELIEVED | changes))  # type: ignore[arg-type]
    return Transform(made, b"null", limits=wr.Limits(time=0.2, record=1_000_000), trusted=True)


@pytest.fixture(scope="module")
def believed() -> Iterator[Transform]:
    with ours() as transform:
        yield transform


@pytest.fixture(scope="module")
def stranger() -> Iterator[Transform]:
    with wr.load(guest(), limits=wr.Limits(time=0.2, record=1_000_000)) as transform:
        yield transform


class Lent(io.BytesIO):
    """A file that may be read into memory that is lent, in pieces of these sizes."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        super().__init__(data)
        self.sizes, self.times = sizes, 0
        self.reads_from = io.BytesIO()

    def readinto1(self, view: Any) -> int:
        self.times += 1
        return super().readinto(view[: self.sizes[self.times % len(self.sizes)]])


def outcome(transform: Transform, source: Any) -> tuple[bytes, wr.Counts, list[Any]]:
    output, counts, failures = b"", wr.Counts(), []
    for batch in transform.stream(source, input="ndjson"):
        output, counts = output + batch.output, counts.plus(batch.counts)
        for f in batch.failures:
            text = f.input
            if f.spooled is not None:
                with f.spooled as file:
                    text = file.read()
            failures.append((f.record, f.line, f.offset, f.code, f.message, text))
    return output, counts, failures


def lines(count: int, *, every: int = 0, odd: bytes = b"f") -> bytes:
    return b"".join(
        (odd if every and n % every == every - 1 else b"a") + b"%d" % n + b"." * (n % 300) + b"\n"
        for n in range(count)
    )


LONG = b"a" * 400_000 + b"\n"
INPUTS = {
    "only good ones": lines(6000),
    "no end of the last line": lines(6000)[:-1],
    "failures": lines(6000, every=50),
    "traps": lines(6000, every=1500, odd=b"t"),
    "exits": lines(6000, every=1500, odd=b"e"),
    "lies": lines(3000, every=2900, odd=b"c"),
    "carriage returns": lines(3000, every=7).replace(b"\n", b"\r\n"),
    "a record larger than the room": lines(2000) + LONG + lines(2000, every=100),
    "a record over the limit": lines(2000) + LONG.replace(b"\n", b"") * 3 + b"\n" + lines(2000, every=100),
    "nothing": b"",
    "one line": b"a1\n",
}


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("sizes", [[BATCH], [100_000, 3, BATCH]])
def test_the_fates_are_those_of_a_guest_that_is_not_believed(
    name: str, sizes: list[int], believed: Transform, stranger: Transform
) -> None:
    source = Lent(INPUTS[name], sizes)
    assert outcome(believed, source) == outcome(stranger, [INPUTS[name]])


def test_it_is_the_guests_memory(believed: Transform) -> None:
    """What is lent changes with the next batch; what `stream` gives does not."""
    data = lines(6000)
    parts = [work.output[0] for work in believed._lend(io.BytesIO(data), input="ndjson")]
    assert [type(part) for part in parts[:-1]] == [bytes] + [memoryview] * (len(parts) - 2)
    assert b"".join(bytes(part) for part in parts) != data
    assert b"".join(batch.output for batch in believed.stream(io.BytesIO(data))) == data


def test_a_source_that_could_keep_a_view_is_lent_nothing(believed: Transform) -> None:
    class Keeper(io.RawIOBase):
        def __init__(self) -> None:
            self.file, self.views = io.BytesIO(lines(6000)), list[Any]()

        def readable(self) -> bool:
            return True

        def readinto(self, view: Any) -> int:
            self.views.append(view)
            return self.file.readinto(view)

    for keeper in (Keeper(), Keeper()):
        source: Any = keeper if keeper.views else io.BufferedReader(keeper)
        assert Reader(source).lends is False
    assert Reader(Keeper()).lends is False  # type: ignore[arg-type]
    assert Reader(io.BytesIO()).lends
    assert outcome(believed, Keeper())[0] == lines(6000)


@pytest.mark.parametrize("kind", ["raw", "buffered", "looked into"])
def test_a_slow_pipe_is_served_line_by_line(believed: Transform, kind: str) -> None:
    read, write = os.pipe()
    with (
        open(read, "rb", buffering=0 if kind == "raw" else -1) as source,
        open(write, "wb", buffering=0) as sink,
    ):
        batches = believed.stream(source, input="ndjson")
        for text, output in ((b"a1\n", b"a1\n"), (b"a2\n", b"a2\n"), (b"a3\na", b"a3\n"), (b"4\n", b"a4\n")):
            sink.write(text)
            if kind == "looked into" and text == b"a1\n":
                assert source.peek(1).startswith(b"a")  # type: ignore[attr-defined]
            assert next(batches).output == output
        sink.write(b"a5")
        sink.close()
        assert next(batches).output == b"a5\n"
        assert list(batches) == []


def test_a_buffered_pipe_of_the_caller_is_served_line_by_line(believed: Transform) -> None:
    questions, ask = os.pipe()
    answer, answers = os.pipe()
    with (
        open(questions, "rb") as source,  # looked into for what is compressed
        open(answers, "wb", buffering=0) as sink,
        open(answer, "rb", buffering=0) as replies,
        open(ask, "wb", buffering=0) as asking,
        ThreadPoolExecutor(1) as pool,
    ):
        run = pool.submit(wr.run, source, believed, sink)
        for number in range(3):
            asking.write(b"a%d\n" % number)
            assert select.select([replies], [], [], 30)[0], "an answer is held back"
            assert replies.read(100) == b"a%d\n" % number
        asking.close()
        assert run.result().counts.kept == 3


def test_a_file_object_of_the_caller_gets_bytes(believed: Transform, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(lines(6000))

    class Keeper(io.RawIOBase):
        parts: list[Any]

        def write(self, data: Any) -> int:
            self.parts.append(data)
            return len(data)

    keeper = Keeper()
    keeper.parts = []
    wr.run(tmp_path / "in", believed, keeper)
    assert b"".join(keeper.parts) == lines(6000)
    assert not any(isinstance(part, memoryview) and part.obj.__class__ is not bytes for part in keeper.parts)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes fork")
def test_a_process_that_forks_between_reading_and_working(believed: Transform) -> None:
    """The child has the bytes that were read, and not the parent's guest."""

    class Forking(Lent):
        child = -1

        def readinto1(self, view: Any) -> int:
            size = super().readinto1(view)
            if self.times == 4:
                self.child = os.fork()
            return size

    data = lines(8000)
    source = Forking(data, [BATCH])
    right = False
    try:
        right = outcome(believed, source)[0] == data
    finally:
        if source.child == 0:
            os._exit(0 if right else 1)
    assert right
    assert source.child > 0
    assert os.waitpid(source.child, 0)[1] == 0


def test_two_threads_have_a_guest_each(believed: Transform) -> None:
    ends: list[bool] = []

    def work(data: bytes) -> None:
        ends.append(outcome(believed, io.BytesIO(data))[0] == data)

    threads = [threading.Thread(target=work, args=(lines(count),)) for count in (9000, 8000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == [True, True]


@pytest.mark.parametrize("pieces", [False, True])
def test_line_numbers_where_lines_are_not_counted(pieces: bool, records_wasm: object) -> None:
    """The module that ships says how many lines are no records, through both of its engines."""
    text = [b'{"a": %d}' % n if n % 97 else b"no" for n in range(30_000)]
    for number in range(0, 30_000, 61):
        text[number] = (b"", b" \t", b"\r")[number % 3]
    data = b"\n".join(text)
    right = [number for number, line in enumerate(text, 1) if line == b"no"]
    source: Any = (
        [data[at : at + 50_000] for at in range(0, len(data), 50_000)] if pieces else io.BytesIO(data)
    )
    with wr.jq(".a") as transform:
        found = [f for batch in transform.stream(source) for f in batch.failures]
    assert [f.line for f in found] == right
    assert {f.input for f in found} == {b"no"}
    assert [f.record for f in found] == [
        number - sum(not line.strip() for line in text[:number]) for number in right
    ]
