"""Things that must agree: our JSON with Python's, every byte with a fate, any split of the input with
none, and the two splitters, the host's and the guest's, with each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from example import redact
from hypothesis import example, given, settings
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords._framing import AFTER_COMMA, AFTER_ITEM, BETWEEN, FIRST, Extent, extents, lead
from wasmrecords._instance import OpenOptions

Encoding = Literal["ndjson", "json"]
ENCODINGS: list[Encoding] = ["ndjson", "json"]
BOM = b"\xef\xbb\xbf"

# --- what goes in ---------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBER = st.integers(-(10**25), 10**25) | st.floats(allow_nan=False, allow_infinity=False)
VALUE = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
# Pieces of JSON, whole and broken, which make more of a stream than random bytes would.
TOKENS = [
    # structure, more of what makes arrays
    *b'[ ] { } : , " \\ 1 -0 tru [ ] , , ,'.split(),
    *(b" ", b"\n", b"\r\n", b"\t", b"\n\n", b"\n", b"\r"),
    # numbers, words, strings, values
    *b"null true 1.50 12345678901234567890123 1e400 01 +1 .5 NaN nullnull".split(),
    *(b'"a"', b'"\\""', b'"\\\\"', b'"\\u00e4"', b'"\\x"', b'"]"', b'"{,"', b'"\x01"'),
    *(b'{"a":1}', b'{"a":[1,{"b":null}]}', b'{"a" : "}"}', b"[[1],2]"),
    *(b'{"a":1,}', b'{"a":"b}', b"{}", b"[]"),
    # text that is UTF-8, and that is not
    *("ä€😀".encode(), "ä".encode("latin-1"), b"\xed\xa0\x80", b"\xc0\x80", b"\xff\xfe", b"\0", BOM),
    # what is too deep or too long where there is little room
    *(b"[" * 30, b" " * 40, b"9" * 25 + b"\r\n", b'"' + b"x" * 30 + b'"'),
]
STREAM = st.lists(st.sampled_from(TOKENS), max_size=14).map(b"".join)
ANY_BYTES = STREAM | st.binary(max_size=60)
STEPS = st.lists(st.integers(1, 40), min_size=1, max_size=10)


@pytest.fixture(scope="module")
def identity(records_wasm: object) -> Iterator[wr.Transform]:
    with wr.jq(".") as transform:
        yield transform


@pytest.fixture(scope="module")
def valid(records_wasm: object) -> Iterator[wr.Transform]:
    with wr.validate(True) as transform:
        yield transform


SMALL = wr.Limits(record=25, nesting=6)


def made(module: str, limits: wr.Limits) -> wr.Transform:
    if module == "redact":
        return wr.load(redact(), config={"fields": ["a"]}, limits=limits)
    return wr.jq('. as $x | if type == "null" then empty else $x end', limits=limits)


@pytest.fixture(scope="module", params=["redact", "records"])
def each(request: pytest.FixtureRequest) -> Iterator[wr.Transform]:
    """A module that is checked like any stranger's, and the one of ours that is trusted a little."""
    if request.param == "records":
        request.getfixturevalue("records_wasm")
    with made(request.param, wr.Limits()) as transform:
        yield transform


@pytest.fixture(scope="module", params=["redact", "records"])
def narrow(request: pytest.FixtureRequest) -> Iterator[wr.Transform]:
    """The same two with little room for a record."""
    if request.param == "records":
        request.getfixturevalue("records_wasm")
    with made(request.param, SMALL) as transform:
        yield transform


# --- a: JSON --------------------------------------------------------------------------------------


def exact(text: bytes | str) -> Any:
    """What Python reads, with every number as it is written."""
    return json.loads(text, parse_float=lambda t: ("number", t), parse_int=lambda t: ("number", t))


@settings(max_examples=150)
@given(
    st.lists(VALUE, max_size=6), st.booleans(), st.sampled_from([(", ", ": "), (",", ":"), (" ,\t", " :  ")])
)
def test_values_come_out_as_python_reads_them(
    identity: wr.Transform, valid: wr.Transform, values: list[Any], ascii: bool, separators: tuple[str, str]
) -> None:
    lines = [json.dumps(value, ensure_ascii=ascii, separators=separators) for value in values]
    for transform in (identity, valid):
        batch = transform.run("\n".join(lines).encode())
        assert batch.failures == ()
        assert batch.counts == wr.Counts(len(values), len(values), 0, 0, len(values))
        assert [exact(line) for line in batch.output.splitlines()] == [exact(line) for line in lines]


@settings(max_examples=100)
@given(st.lists(VALUE, max_size=6), st.sampled_from([None, 0, 2, "\t"]))
def test_documents_are_their_items(
    identity: wr.Transform, valid: wr.Transform, values: list[Any], indent: int | str | None
) -> None:
    document = json.dumps(values, indent=indent, ensure_ascii=False).encode()
    for transform in (identity, valid):
        batch = transform.run(document, input="json")
        assert batch.failures == ()
        assert [exact(line) for line in batch.output.splitlines()] == [exact(json.dumps(v)) for v in values]


def python_takes(text: bytes) -> bool:
    """Whether Python's parser, at its strictest, takes a text for JSON."""

    def refuse(name: str) -> Any:
        raise ValueError(name)

    try:
        json.loads(text.decode("utf-8"), parse_constant=refuse, parse_int=float)
    except (ValueError, RecursionError):
        return False
    return True


@settings(max_examples=300)
@given(ANY_BYTES)
@example(b'{"a":1}\xa0')
@example(b"\x0c1")
@example("\u20281".encode())
@example(b'"\x7f"')
@example(b"-")
@example(b"1.e1")
@example(b"[1,]")
def test_what_is_json_is_the_same_to_both(valid: wr.Transform, data: bytes) -> None:
    lines = [line.removesuffix(b"\r") for line in data.removeprefix(BOM).split(b"\n")]
    batch = valid.run(data)
    failed = {failure.record for failure in batch.failures}
    records = [line for line in lines if line.strip(b" \t\r")]
    for number, line in enumerate(records, 1):
        assert (number not in failed) == python_takes(line), line
    assert {f.code for f in batch.failures} <= {"json", "utf8", "nesting"}


# --- b: every byte has a fate ---------------------------------------------------------------------


def there(data: bytes, encoding: Encoding) -> list[Extent]:
    return list(extents(data, encoding, BETWEEN, True))


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=250)
@given(data=ANY_BYTES)
@example(data=b"[1,,2]")
@example(data=b"[1 2")
@example(data=b"1 ]}:,")
@example(data=b'["')
@example(data=b"\r\r\n1\r\r\n")
def test_any_bytes_have_a_fate(each: wr.Transform, encoding: Encoding, data: bytes) -> None:
    batch = each.run(data, input=encoding)
    counts = batch.counts
    assert counts.read == counts.kept + counts.dropped + counts.failed
    assert counts.failed == len(batch.failures)
    assert counts.written == batch.output.count(b"\n") == len(batch.output.splitlines()) >= counts.kept

    mark = len(BOM) if data.startswith(BOM) else 0
    records = there(data[mark:], encoding)
    assert counts.read == len(records)
    assert [f.record for f in batch.failures] == sorted({f.record for f in batch.failures})
    for failure in batch.failures:
        start, end = (mark + place for place in records[failure.record - 1][:2])
        assert failure.input == data[start:end]
        assert start <= failure.offset <= end
        assert failure.line == data.count(b"\n", 0, start) + 1
        assert failure.spooled is None
        assert failure.path.startswith("$")
        assert failure.message.isprintable()


@settings(max_examples=300)
@given(ANY_BYTES)
def test_no_byte_is_passed_over(data: bytes) -> None:
    """What belongs to no record is white space, or a bracket or comma of an array in order."""
    for encoding, between in (("ndjson", b" \t\r\n"), ("json", b" \t\r\n[],")):
        at = 0
        for extent in there(data, encoding):  # type: ignore[arg-type]
            assert at <= extent.start <= extent.end <= extent.after
            assert not data[at : extent.start].strip(between)
            assert not data[extent.end : extent.after].strip(between)
            at = extent.after
        assert not data[at:].strip(between)


@settings(max_examples=200)
@given(ANY_BYTES)
def test_lines_are_where_they_look_to_be(data: bytes) -> None:
    """The splitter of the host against three lines that anybody believes."""
    lines = [line.removesuffix(b"\r") for line in data.split(b"\n") if line.strip(b" \t\r")]
    assert [data[e.start : e.end] for e in there(data, "ndjson")] == lines


# --- c: any split ---------------------------------------------------------------------------------


def total(batches: Iterator[wr.Batch]) -> tuple[bytes, wr.Counts, list[tuple[Any, ...]]]:
    output, counts, failures = b"", wr.Counts(), []
    for batch in batches:
        output += batch.output
        counts = counts.plus(batch.counts)
        for f in batch.failures:
            text = f.input
            if f.spooled is not None:
                with f.spooled as file:
                    text = file.read()
            failures.append((f.record, f.line, f.offset, f.code, f.path, f.message, text))
    return output, counts, failures


def pieces(data: bytes, steps: list[int]) -> Iterator[bytes]:
    at = turn = 0
    while at < len(data):
        step = steps[turn % len(steps)]
        yield data[at : at + step]
        at, turn = at + step, turn + 1


def check_splits(transform: wr.Transform, encoding: Encoding, data: bytes, steps: list[int]) -> None:
    whole = total(iter([transform.run(data, input=encoding)]))
    assert whole[1].read == whole[1].kept + whole[1].dropped + whole[1].failed
    assert whole[1].failed == len(whole[2])
    assert total(transform.stream([data], input=encoding)) == whole
    assert total(transform.stream(pieces(data, steps), input=encoding)) == whole


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=150)
@given(data=ANY_BYTES, steps=STEPS)
def test_any_split_gives_the_same(
    each: wr.Transform, encoding: Encoding, data: bytes, steps: list[int]
) -> None:
    check_splits(each, encoding, data, steps)


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=250)
@given(data=ANY_BYTES, steps=STEPS)
@example(data=b"9" * 25 + b"\r\n1\n", steps=[26, 1])
@example(data=b"9" * 26 + b"\r\n1\n", steps=[1])
@example(data=b" " * 100 + b"1", steps=[10])
@example(data=b" " * 100 + b"\r\n1\n", steps=[10])
@example(data=b'[1 "' + b"x" * 40 + b'",2]', steps=[3])
@example(data=b"[1 " + b"3" * 40, steps=[3])
@example(data=b"[" + b"\n" * 40 + b"1" * 40 + b"\n,\n{", steps=[7])
@example(data=b'{"a": "' + b"\n" * 40, steps=[7])
@example(data=b"x" * 40 + b"\r", steps=[7])
def test_any_split_gives_the_same_with_little_room(
    narrow: wr.Transform, encoding: Encoding, data: bytes, steps: list[int]
) -> None:
    check_splits(narrow, encoding, data, steps)


@settings(max_examples=100)
@given(data=ANY_BYTES, steps=STEPS)
def test_the_format_is_found_in_any_split(data: bytes, steps: list[int]) -> None:
    from wasmrecords._source import Reader

    whole = Reader([data]).start("auto", 1000)
    assert Reader(pieces(data, steps)).start("auto", 1000) == whole


# --- d: two splitters -----------------------------------------------------------------------------

STRUCTURE = st.lists(st.sampled_from([bytes([b]) for b in b'[]{}:,"\\ 1a\n']), max_size=25).map(b"".join)


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=600)
@given(
    data=STRUCTURE | ANY_BYTES,
    state=st.sampled_from([BETWEEN, FIRST, AFTER_ITEM, AFTER_COMMA]),
    last=st.booleans(),
)
def test_the_splitters_agree(encoding: Encoding, data: bytes, state: int, last: bool) -> None:
    """As a module sees it that fails whatever is no object."""
    transform = _redact()
    state = state if encoding == "json" else BETWEEN
    instance = transform._take(OpenOptions(input=encoding))
    reply = instance.batch(data, last, state)
    transform._give_back(OpenOptions(input=encoding), instance)

    expected = list(extents(data, encoding, state, last))
    assert reply.finished == len(expected)
    for row in reply.rows:
        assert (row.start, row.end) == expected[row.record][:2]
    kept = set(range(len(expected))) - {row.record for row in reply.rows}
    assert all(data[expected[k].start : expected[k].end].lstrip()[:1] == b"{" for k in kept)
    after, behind = (expected[-1].after, expected[-1].state) if expected else (0, state)
    if encoding == "json":
        assert (reply.consumed, reply.state) == lead(data, after, behind)
    else:
        assert reply.consumed == (len(data) if last else data.rfind(b"\n") + 1)


_TRANSFORMS: list[wr.Transform] = []


def _redact() -> wr.Transform:
    if not _TRANSFORMS:
        _TRANSFORMS.append(made("redact", wr.Limits()))
    return _TRANSFORMS[0]
