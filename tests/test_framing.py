"""Where the host sees records begin and end."""

from __future__ import annotations

import tracemalloc

import pytest
from example import example, redact
from hypothesis import given
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords import _framing
from wasmrecords._framing import (
    AFTER_COMMA,
    AFTER_ITEM,
    BETWEEN,
    FIRST,
    Beginning,
    Detector,
    Skipper,
    extents,
    has_blank_line,
    lead,
    line_feeds,
    look_at_lines,
)
from wasmrecords._source import Reader


def texts(data: bytes, encoding: str, last: bool = True, state: int = BETWEEN) -> list[bytes]:
    return [data[e.start : e.end] for e in extents(data, encoding, state, last)]  # type: ignore[arg-type]


def test_lines() -> None:
    assert texts(b"1\r\n\n \t\r\n2\n3", "ndjson") == [b"1", b"2", b"3"]
    assert texts(b"1\n2", "ndjson", last=False) == [b"1"]
    assert texts(b"1\n\r", "ndjson") == [b"1"]


def test_values() -> None:
    assert texts(b'{"a": [1]} 2 "x]" [3, {"b": "}"}] [] 4', "json") == [
        b'{"a": [1]}', b"2", b'"x]"', b"3", b'{"b": "}"}', b"4",
    ]  # fmt: skip
    assert texts(b"[1, 2", "json") == [b"1", b"2", b""]
    assert texts(b"[1, 2", "json", last=False) == [b"1"]
    assert texts(b", 2, 3]", "json", state=AFTER_ITEM) == [b"2", b"3"]
    assert texts(b'["\\"]', "json") == [b'"\\"]']  # what is cut is told once


def test_the_states_behind_records() -> None:
    assert [e.state for e in extents(b"[1,2] 3", "json", BETWEEN, True)] == [AFTER_ITEM, AFTER_ITEM, BETWEEN]
    assert lead(b" [ 1", 0, BETWEEN) == (3, FIRST)
    assert lead(b" , 1", 0, AFTER_ITEM) == (3, AFTER_COMMA)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"a": 1}\n{"a": 2}\n', "ndjson"),
        (b'\n\n  {"a": 1}\n', "ndjson"),
        (b"[1, 2]", "json"),
        (b"[1, 2]\n \n", "json"),
        (b"[1, 2] [3]\n", "json"),
        (b"[1, 2]\n[3]\n", "ndjson"),  # rows, one a line
        (b"[1, 2]\r\n\r\n{}", "ndjson"),
        (b"[\n1, 2]\n[3]\n", "json"),
        (b"[1, 2\n", "json"),
        (b'{\n  "a": 1\n}\n', "json"),
        (b'{"a": 1,\n"b": 2}\n', "json"),
        (b'{"a":\n{"b": 2}}\n', "json"),
        (b'{"a":\n{"b": 2},\n"c": 1}\n', "json"),
        (b'{"a": 1\n{"b": 2}\n{"c": 3}\n', "ndjson"),  # a line that is cut costs one record
        (b'{"a": 1\n{"b": 2\n\n{"c": 3\n{"d": 4}\n', "ndjson"),  # as do several of them
        (b'{"a": 1\n{"b": 2\n"c": 3\n{"d": 4}\n', "json"),
        (b'{"a": 1\n{"b": 2\n', "json"),
        (b'{"a":\n\n {"b": 2} \r\n', "ndjson"),
        (b'{"a":\n{"b": 2}', "ndjson"),
        (b'"abc\n"d"\n', "ndjson"),
        (b'{"a": "\n', "json"),
        (b"{\n", "json"),
        (b"1\n2\n", "ndjson"),
        (b"hello\n", "ndjson"),
        (b'{"a": 1}', "ndjson"),
        (b"", "ndjson"),
    ],
)
def test_the_first_value_tells_the_format(text: bytes, expected: str) -> None:
    assert Detector().look(text, True) == expected
    detector = Detector()
    looks = [detector.look(text[:size], size == len(text)) for size in range(len(text) + 1)]
    assert next(found for found in looks if found is not None) == expected


def test_the_format_waits_for_the_first_line() -> None:
    assert Detector().look(b'{"a": 1', False) is None
    assert Detector().look(b"  \n", False) is None
    assert Detector().look(b'{"a":\n', False) is None
    assert Detector().look(b'{"a":\n{"b": 1}', False) is None
    assert Detector().look(b'{"a":\n{"b":\n', False) is None
    assert Detector().look(b"[1, 2", False) is None
    assert Detector().look(b"[1, 2]\n ", False) is None


def test_no_line_is_looked_at_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, end = [], _framing._end

    def counted(line: bytes, start: int) -> int | None:
        looked.append(line)
        return end(line, start)

    monkeypatch.setattr(_framing, "_end", counted)
    reader = Reader(b"{\n" for _ in range(1000))
    assert reader.start("auto", 10_000) == ("json", 0)
    assert len(looked) == 1000


@given(st.binary(max_size=60).map(lambda b: bytes(b'[]{},:"\\ 1a\n'[x % 12] for x in b)), st.integers(1, 5))
def test_a_record_in_pieces_ends_where_it_ends_in_one(data: bytes, step: int) -> None:
    found = next(extents(data, "json", BETWEEN, last=False), None)
    start, _ = lead(data, 0, BETWEEN)
    if found is None or found.end == found.start or data[start : start + 1] in (b"]", b"}", b",", b":"):
        return
    skipper = Skipper("json")
    at = start
    while at < len(data):
        end = skipper.feed(data[at : at + step])
        if end is not None:
            assert at + end == found.end
            return
        at += step
    assert found.end == len(data)


@given(
    st.binary(max_size=60).map(lambda b: bytes(b'[]{},:"\\ 1a\n'[x % 12] for x in b)),
    st.lists(st.integers(0, 60), min_size=1, max_size=9),
    st.sampled_from([BETWEEN, FIRST, AFTER_ITEM, AFTER_COMMA]),
)
def test_a_value_goes_on_as_long_as_none_ends(data: bytes, lengths: list[int], state: int) -> None:
    beginning = Beginning()
    for length in lengths:  # a part is looked at again by itself as well, so they come in any order
        part = data[:length]
        found = next(extents(part, "json", state, last=False), None)
        assert beginning.goes_on(part, 5, state) == (found is None)


@pytest.mark.parametrize("kind", ["ours", "a stranger's", "flushed"])
def test_a_large_value_in_small_pieces_is_not_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, kind: str, records_wasm: object
) -> None:
    looked = 0
    feed, end = Skipper.feed, _framing._end

    def fed(self: Skipper, piece: bytes) -> int | None:
        nonlocal looked
        looked += len(piece)
        return feed(self, piece)

    def ended(data: bytes, start: int) -> int | None:
        nonlocal looked
        looked += len(data) - start
        return end(data, start)

    monkeypatch.setattr(Skipper, "feed", fed)
    monkeypatch.setattr(_framing, "_end", ended)
    data = b'[{"a": "' + b"x" * 20_000 + b'", "b": 1}, 7]'
    if kind == "ours":
        transform, every = wr.jq("."), None
    elif kind == "flushed":
        transform, every = wr.load(example("windows")), 1
    else:
        transform, every = wr.load(redact(), config={"fields": ["b"]}), None
    with transform:
        pieces = [data[at : at + 50] for at in range(0, len(data), 50)]
        batches = list(transform.stream(pieces, input="json", flush_every=every))
    assert sum(batch.counts.read for batch in batches) == 2
    assert looked < 5 * len(data)


@given(st.lists(st.sampled_from([b"\n", b"\r", b"a", b"b" * 300])), st.integers(0, 50))
def test_line_feeds_are_all_counted_whatever_was_expected(parts: list[bytes], expected: int) -> None:
    data = b"".join(parts)
    assert line_feeds(data, expected) == data.count(b"\n")
    assert line_feeds(bytearray(data), expected) == data.count(b"\n")


@given(st.binary(max_size=40).map(lambda b: bytes(b" \t\r\n\nx{"[x % 7] for x in b)), st.integers(0, 40))
def test_blank_lines_are_seen(data: bytes, end: int) -> None:
    lines = data[:end].split(b"\n")
    if not lines[-1]:
        lines.pop()
    assert has_blank_line(data, min(end, len(data))) == any(not line.strip(b" \t\r") for line in lines)


@given(
    st.lists(st.sampled_from([b"\n", b" \n", b"\r\n", b"\0\n", b"{" * 300, b"x", b"\t"])),
    st.integers(0, 50),
    st.sampled_from([bytes, bytearray]),
)
def test_lines_are_looked_at_the_same_whatever_was_expected(
    parts: list[bytes], expected: int, kind: type[bytes | bytearray]
) -> None:
    data = b"".join(parts)
    assert look_at_lines(kind(data), expected) == (data.count(b"\n"), has_blank_line(data, len(data)))


def test_many_lines_where_few_were_expected_are_not_taken_apart() -> None:
    tracemalloc.start()
    try:
        assert look_at_lines(b"1\n" * 2**21, 1) == (2**21, False)
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()
