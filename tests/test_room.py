"""Large records: no record is worse off for what stands around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from example import of_all_kinds

import wasmrecords as wr

PROGRAM = "[.b, .b]"
LIMITS = wr.Limits(memory=16 * wr.MiB)
RECORDS = [json.dumps({"a": number, "b": "x" * 1_000_000}).encode() + b"\n" for number in range(6)]


@pytest.fixture(scope="module", params=["shared", "process"])
def isolation(request: pytest.FixtureRequest, records_wasm: object) -> wr.Isolation:
    kind: wr.Isolation = request.param
    return kind


def test_one_call_after_the_other(isolation: wr.Isolation) -> None:
    with wr.jq(PROGRAM, limits=LIMITS, isolation=isolation) as transform:
        assert [transform.run(record).counts.kept for record in RECORDS] == [1] * 6


@pytest.mark.parametrize("input", ["ndjson", "json"])
def test_behind_each_other(isolation: wr.Isolation, input: Any) -> None:
    with wr.jq(PROGRAM, limits=LIMITS, isolation=isolation) as transform:
        batch = transform.run(b"".join(RECORDS), input=input)
    assert batch.failures == ()
    assert batch.counts.kept == 6


@pytest.mark.parametrize("input", ["ndjson", "json"])
def test_behind_much_output(records_wasm: object, input: Any) -> None:
    data = b"".join(b'{"b": "%b"}\n' % (b"x" * 40_000) for _ in range(40))
    with wr.jq("[limit(3; repeat(.))]", limits=wr.Limits(memory=4 * wr.MiB)) as transform:
        batch = transform.run(data, input=input)
    assert batch.failures == ()
    assert batch.counts.kept == 40


def test_what_needs_too_much_fails_each_time(isolation: wr.Isolation) -> None:
    data = b'{"n": 3}\n{"n": 9e9}\n{"n": 3}\n{"n": 9e9}\n{"n": 9e9}\n'
    with wr.jq("[range(.n)] | length", limits=LIMITS, isolation=isolation) as transform:
        for _ in range(2):
            batch = transform.run(data)
            assert batch.output == b"3\n3\n"
            assert [(failure.record, failure.code) for failure in batch.failures] == [
                (2, "memory"), (4, "memory"), (5, "memory"),
            ]  # fmt: skip


def test_a_function(isolation: wr.Isolation) -> None:
    data = bytes(range(250)) * 8000
    limits = wr.Limits(memory=16 * wr.MiB)
    with wr.functions(of_all_kinds(), limits=limits, isolation=isolation) as functions:
        assert [functions.reversed(data) == data[::-1] for _ in range(4)] == [True] * 4
        assert list(functions.reversed.map([(data,)] * 4)) == [data[::-1]] * 4
        for _ in range(2):
            with pytest.raises(wr.MemoryLimit, match=r"^reversed\(\): "):
                functions.reversed(data * 2)
            with pytest.raises(wr.MemoryLimit, match=r"^reversed\(\) call 1: "):
                list(functions.reversed.map([(data * 2,)]))


@pytest.mark.parametrize("size", [300_000, 1_100_000, 5_000_000, 9_000_000])
@pytest.mark.parametrize("input", ["ndjson", "json"])
def test_what_stands_behind_a_very_large_record(
    isolation: wr.Isolation, tmp_path: Path, size: int, input: Any
) -> None:
    small, large = b'{"b":"y"}', b'{"b":"%b"}' % (b"x" * size)
    lines = [small, large, small, b'{"b":}', large, b'{"b":1}', small]
    data = b"\n".join(lines) + b"\n"
    (tmp_path / "in").write_bytes(data)
    fits = size < wr.Limits().record
    kept = [line for line in lines if line == small or (line == large and fits)]
    failed = [(number, line) for number, line in enumerate(lines, 1) if line not in kept]
    with wr.jq('.b | if type == "number" then error else {b: .} end', isolation=isolation) as transform:
        for pieces in ([data], [data[at : at + 65_000] for at in range(0, len(data), 65_000)]):
            batches = list(transform.stream(pieces, input=input))
            assert b"".join(batch.output for batch in batches).splitlines() == kept
            found = []
            for failure in (failure for batch in batches for failure in batch.failures):
                text = failure.input
                if failure.spooled is not None:
                    with failure.spooled as file:
                        text = file.read()
                assert failure.line == failure.record
                found.append((failure.record, text))
            assert found == failed
        report = wr.run(tmp_path / "in", transform, tmp_path / "out", input=input)
    assert report.counts == wr.Counts(7, len(kept), 0, len(failed), len(kept))
    assert (tmp_path / "out").read_bytes().splitlines() == kept
    letters = [json.loads(line) for line in (tmp_path / "out.errors.ndjson").read_bytes().splitlines()]
    assert [(letter["record"], letter["input"].encode()) for letter in letters] == failed
