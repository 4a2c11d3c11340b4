"""Sources of any size and shape, through a guest by hand."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from guests import guest
from hypothesis import given, settings
from hypothesis import strategies as st

import wasmrecords as wr


@pytest.fixture(scope="module")
def transform() -> wr.Transform:
    return wr.load(guest(), limits=wr.Limits(time=0.2, record=1000))


def total(batches: Iterator[wr.Batch]) -> tuple[bytes, wr.Counts, list[tuple[int, int, int, str, bytes]]]:
    output, counts, failures = b"", wr.Counts(), []
    for batch in batches:
        output += batch.output
        counts = counts.plus(batch.counts)
        for f in batch.failures:
            text = f.input
            if f.spooled:
                with f.spooled as file:
                    text = file.read()
            failures.append((f.record, f.line, f.offset, f.code, text))
    assert counts.read == counts.kept + counts.dropped + counts.failed
    assert counts.failed == len(failures)
    return output, counts, failures


def test_a_file_of_many_batches(transform: wr.Transform) -> None:
    data = b"".join(b"a%d\n" % n if n % 1000 else b"f%d\r\n" % n for n in range(100_000))
    output, counts, failures = total(transform.stream(io.BytesIO(data)))
    assert counts == wr.Counts(100_000, 99_900, 0, 100, 99_900)
    assert output == b"".join(b"a%d\n" % n for n in range(100_000) if n % 1000)
    assert [f[4] for f in failures] == [b"f%d" % n for n in range(0, 100_000, 1000)]
    assert [f[0] for f in failures] == [f[1] for f in failures] == list(range(1, 100_001, 1000))
    assert all(data[f[2] :].startswith(f[4]) for f in failures)


def test_a_record_over_the_limit_costs_itself_and_no_memory(transform: wr.Transform) -> None:
    def source() -> Iterator[bytes]:
        yield b"a1\n" + b"x" * 500
        for _ in range(200):
            yield b"y" * 10_000
        yield b"z\na3\nf4\n"

    output, _, failures = total(transform.stream(source(), input="ndjson"))
    assert output == b"a1\na3\n"
    assert failures[0] == (2, 2, 3, "record_too_large", b"x" * 500 + b"y" * 2_000_000 + b"z")
    assert failures[1] == (4, 4, 2_000_508, "odd", b"f4")


def test_the_format_is_that_of_the_bytes_however_they_come(records_wasm: object) -> None:
    # Whether it is a row or a document would be told by what is behind the limit.
    data = b"[" + b"1," * 800 + b"1]\n[2]\n[3]\n"
    with wr.validate(True, limits=wr.Limits(record=1000)) as transform:
        for size in (1, 100, 999, 1000, 1001, 1002, 1203, 5000):
            pieces = [data[at : at + size] for at in range(0, len(data), size)]
            assert total(transform.stream(pieces, input="auto"))[1].read == 801 + 2, size


def test_a_short_first_line_does_not_wait_for_the_rest_of_a_byte_order_mark(
    transform: wr.Transform,
) -> None:
    asked = []

    def source() -> Iterator[bytes]:
        yield b"a\n"
        asked.append("more")
        yield b"a2\n"

    batches = transform.stream(source())
    assert (next(batches).output, asked) == (b"a\n", [])
    assert next(batches).output == b"a2\n"


def test_a_byte_order_mark_is_no_record(transform: wr.Transform) -> None:
    assert total(transform.stream([b"\xef", b"\xbb\xbfa1", b"\nf2\n"]))[2] == [(2, 2, 6, "odd", b"f2")]
    batch = transform.run(b"\xef\xbb\xbfa1\nf2\n")
    assert batch.output == b"a1\n"
    assert batch.failures[0].offset == 6


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n\t\n\n", b"\xef\xbb\xbf"])
def test_nothing_gives_nothing(transform: wr.Transform, data: bytes) -> None:
    assert total(transform.stream(io.BytesIO(data))) == (b"", wr.Counts(), [])
    assert transform.run(data) == wr.Batch(b"", wr.Counts())


def test_the_wrong_kind_of_source(transform: wr.Transform) -> None:
    with pytest.raises(TypeError, match="mode 'rb'"):
        list(transform.stream(io.StringIO("a1\n")))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected bytes, found str"):
        transform.run("a1\n")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected 'ndjson', 'json' or 'auto', found 'xml'"):
        transform.run(b"", input="xml")  # type: ignore[arg-type]


LINE = st.sampled_from([b"a", b"aa1", b"d", b"f", b"fff", b"t", b"", b" ", b"\r", b"x" * 40])
LINES = st.lists(LINE, max_size=30)


@settings(max_examples=150, deadline=None)
@given(LINES, st.lists(st.integers(1, 60), min_size=1, max_size=20), st.booleans())
def test_any_split_of_the_input_gives_the_same(lines: list[bytes], steps: list[int], newline: bool) -> None:
    data = b"\n".join(lines) + (b"\n" if newline else b"")

    def pieces() -> Iterator[bytes]:
        at = turn = 0
        while at < len(data):
            step = steps[turn % len(steps)]
            yield data[at : at + step]
            at, turn = at + step, turn + 1

    with wr.load(guest(), limits=wr.Limits(time=0.2)) as transform:
        whole = total(transform.stream([data], input="ndjson"))
        assert total(transform.stream(pieces(), input="ndjson")) == whole
        assert whole[1].read == sum(bool(line.strip()) for line in lines)
