"""The object that users hold: what it takes and what it gives."""

from __future__ import annotations

import array
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from example import redact
from guests import guest

import wasmrecords as wr

LIMITS = wr.Limits(time=0.5)


@pytest.fixture(scope="module")
def plain() -> Iterator[wr.Transform]:
    with wr.load(guest(), limits=LIMITS) as transform:
        yield transform


def idle(transform: wr.Transform) -> int:
    return sum(len(instances) for instances in transform._idle.values())


# --- what it is -----------------------------------------------------------------------------------


def test_its_attributes(plain: wr.Transform) -> None:
    assert plain.limits == LIMITS
    assert plain.isolation == "shared"
    assert plain.name == "module"
    assert len(plain.sha256) == 64
    assert repr(plain) == f"<Transform module {plain.sha256[:12]} isolation='shared'>"


def test_its_name_is_the_manifests() -> None:
    with wr.load(guest(manifest='{"abi": 1, "name": "odd one"}'), limits=LIMITS) as transform:
        assert transform.name == "odd one"


@pytest.mark.parametrize("isolation", ["", None, "Shared"])
def test_an_isolation_that_is_none(isolation: Any) -> None:
    with pytest.raises(
        ValueError, match=f"isolation: expected 'shared', 'fresh' or 'process', found {isolation!r}"
    ):
        wr.load(guest(), isolation=isolation)


# --- run ------------------------------------------------------------------------------------------


DATA = b"a1\nd2\nf3\n\na4"


@pytest.mark.parametrize(
    "data",
    [DATA, bytearray(DATA), memoryview(DATA), memoryview(b"x" + DATA)[1:], array.array("B", DATA)],
    ids=lambda data: type(data).__name__,
)
def test_run_takes_any_bytes(plain: wr.Transform, data: Any) -> None:
    batch = plain.run(data)
    assert batch.output == b"a1\na4\n"
    assert batch.counts == wr.Counts(read=4, kept=2, dropped=1, failed=1, written=2)
    (failure,) = batch.failures
    assert failure == wr.Failure(3, 3, 6, "odd", "$.x", "it is odd", b"f3")


@pytest.mark.parametrize(
    ("data", "found"),
    [("a1\n", "str: encode it, as data.encode()"), (None, "NoneType"), (5, "int"), ([b"a1"], "list")],
)
def test_run_takes_nothing_else(plain: wr.Transform, data: Any, found: str) -> None:
    with pytest.raises(TypeError, match="data: expected bytes, found ") as caught:
        plain.run(data)
    assert found in str(caught.value)


def test_its_input_is_not_kept_and_not_changed(plain: wr.Transform) -> None:
    data = bytearray(DATA)
    batch = plain.run(data)
    assert data == DATA
    data.clear()  # nobody holds a view of it
    assert batch.failures[0].input == b"f3"


def test_raise_on_failure(plain: wr.Transform) -> None:
    with pytest.raises(
        wr.RecordError, match=r"^record 3 \(line 3, byte 6\) at \$\.x: it is odd \[odd\]$"
    ) as caught:
        plain.run(DATA + b"\nf5", raise_on_failure=True)
    assert caught.value.failure.input == b"f3"
    assert plain.run(b"a1\nd2", raise_on_failure=True).output == b"a1\n"


def test_an_input_that_the_module_does_not_read(plain: wr.Transform) -> None:
    with pytest.raises(wr.ModuleError, match="the module module reads ndjson, not json"):
        plain.run(b"[]", input="json")
    assert plain.run(b"a1\n", input="auto").output == b"a1\n"


def test_larger_than_a_batch(plain: wr.Transform) -> None:
    data = b"".join(b"a%d\n" % n for n in range(200_000))
    assert plain.run(data).output == data
    batch = plain.run(data + b"f1\n")
    assert (batch.failures[0].record, batch.failures[0].offset) == (200_001, len(data))


def test_nothing_of_a_batch_is_in_the_next(plain: wr.Transform) -> None:
    first = plain.run(b"a" * 1000 + b"\nf1\n")
    assert plain.run(b"a2\n") == wr.Batch(b"a2\n", wr.Counts(1, 1, 0, 0, 1))
    assert first.output == b"a" * 1000 + b"\n"


# --- stream ---------------------------------------------------------------------------------------


class Source(io.RawIOBase):
    """A file that counts what is read from it."""

    def __init__(self, lines: int) -> None:
        self.lines, self.given = lines, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.given >= self.lines:
            return 0
        text = b"".join(b"a%07d\n" % n for n in range(self.given, min(self.given + 1000, self.lines)))
        self.given += 1000
        buffer[: len(text)] = text
        return len(text)


def test_a_stream_reads_as_it_goes(plain: wr.Transform) -> None:
    source = Source(100_000)
    batches = plain.stream(source)
    assert source.given == 0
    first = next(batches)
    assert first.counts.read > 0
    assert source.given < 100_000
    assert first.counts.read + sum(batch.counts.read for batch in batches) == 100_000


def test_a_stream_that_is_left_early_gives_back_its_instance(plain: wr.Transform) -> None:
    plain.run(b"a1\n")
    before = idle(plain)
    batches = plain.stream(Source(100_000))
    next(batches)
    assert idle(plain) == before - 1
    batches.close()  # type: ignore[attr-defined]
    assert idle(plain) == before


def test_a_source_that_fails(plain: wr.Transform) -> None:
    def source() -> Iterator[bytes]:
        yield b"a1\n"
        raise OSError("the disk is gone")

    batches = plain.stream(source())
    assert next(batches).output == b"a1\n"
    with pytest.raises(OSError, match="the disk is gone"):
        next(batches)
    assert plain.run(b"a1\n").output == b"a1\n"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (["a1\n"], "a source must give bytes, found str"),
        ([1], "a source must give bytes, found int"),
        (5, "source: expected a binary file or an iterable of bytes, found int"),
        (None, "source: expected a binary file or an iterable of bytes, found NoneType"),
        ("a1.ndjson", "source: expected a binary file or an iterable of bytes, found str"),
        (b"a1\n", "source: expected a binary file or an iterable of bytes, found bytes: give them to run()"),
        (io.StringIO("a1\n"), "a source must give bytes, found str: open it in mode 'rb'"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_source(plain: wr.Transform, source: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        list(plain.stream(source))
    assert str(caught.value) == message


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: array.array("B", data)])
def test_pieces_of_any_kind(plain: wr.Transform, kind: Any) -> None:
    assert [b.output for b in plain.stream([kind(b"a1\na"), kind(b"2\n")], input="ndjson")] == [
        b"a1\n",
        b"a2\n",
    ]


# --- log ------------------------------------------------------------------------------------------


def test_the_log_of_debug(records_wasm: object) -> None:
    with wr.jq("debug | .a") as transform:
        batch = transform.run(b'{"a": 1}\n{"a": 2}\n')
        assert batch.output == b"1\n2\n"
        assert b'{"a":1}' in batch.log
        assert b'{"a":2}' in batch.log
        logs = [b.log for b in transform.stream([b'{"a": 3}\n', b'{"a": 4}\n'], input="ndjson")]
        assert [b'{"a":3}' in log for log in logs] == [True, False]
        assert transform.run(b"").log == b""


# --- a module by somebody else --------------------------------------------------------------------


@pytest.fixture(scope="module")
def redacting() -> Iterator[wr.Transform]:
    with wr.load(redact(), config={"fields": ["email", "ü"]}, limits=wr.Limits(time=5.0)) as transform:
        yield transform


def test_the_example_redacts(redacting: wr.Transform) -> None:
    batch = redacting.run(b'{"id": 1.50, "email": "a@b", "x": "\\u00e4"}\n{"id": 2}\n7\n')
    assert batch.output == b'{"id":1.50,"email":null,"x":"\xc3\xa4"}\n{"id":2}\n'
    assert [(f.record, f.code) for f in batch.failures] == [(3, "type")]
    assert redacting.name == "redact"


def test_the_example_takes_documents_and_objects(redacting: wr.Transform) -> None:
    records = [{"id": n, "email": f"{n}@x", "ü": {"deep": [1]}} for n in range(5000)]
    clean = [{"id": n, "email": None, "ü": None} for n in range(5000)]
    batch = redacting.run(json.dumps(records, indent=2).encode(), input="json")
    assert [json.loads(line) for line in batch.output.splitlines()] == clean
    assert list(redacting.map(records)) == clean


def test_a_stranger_is_believed_when_a_batch_is_full(redacting: wr.Transform) -> None:
    """Its replies end behind any record, also in the middle of an array of numbers."""
    for data in (b"1 " * 9000, b"[" + b"1," * 8999 + b"1]", b"1\n" * 9000):
        batch = redacting.run(data, input="json")
        assert {f.code for f in batch.failures} == {"type"}
        assert batch.counts == wr.Counts(9000, 0, 0, 9000, 0)


def test_the_example_needs_a_config(tmp_path: Path) -> None:
    path = tmp_path / "redact.wasm"
    path.write_bytes(redact())
    for config, word in (
        (None, "fields"),
        ({}, "fields"),
        ({"fields": [], "filds": 1}, "filds"),
        ({"fields": 5}, "array"),
    ):
        with pytest.raises(wr.RecipeError, match=r"^config: ") as caught:
            wr.load(path, config=config)
        assert caught.value.kind == "config"
        assert word in str(caught.value)


def test_a_big_integer_in_a_config() -> None:
    with pytest.raises(wr.RecipeError, match=r"^config: "):
        wr.load(redact(), config={"fields": 10**400})
