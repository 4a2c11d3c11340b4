"""What a module with a state has so far, asked for in the middle of an input."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from conftest import RunCli
from example import example
from guests import guest

import wasmrecords as wr
from wasmrecords._instance import Instance

EVENTS = [{"at": n, "key": "ab"[n % 2], "value": n} for n in range(7)]
LINES = b"".join(json.dumps(event).encode() + b"\n" for event in EVENTS)
VALUES = json.dumps(EVENTS, indent=1).encode() + b" 5"


def sums(events: list[dict[str, Any]], every: int | None) -> list[dict[str, Any]]:
    """What the example gives out, flushed behind each so many events."""
    found = []
    for start in range(0, len(events), every or len(events)):
        part = events[start : start + (every or len(events))]
        for key in sorted({event["key"] for event in part}):
            values = [event["value"] for event in part if event["key"] == key]
            found.append({"from": 0, "key": key, "events": len(values), "sum": sum(values)})
    return found


def close(batches: list[wr.Batch]) -> None:
    """The files of those that were too large."""
    for batch in batches:
        for failure in batch.failures:
            if failure.spooled is not None:
                failure.spooled.close()


def read(batches: list[wr.Batch]) -> list[Any]:
    return [json.loads(line) for batch in batches for line in batch.output.splitlines()]


@pytest.mark.parametrize("isolation", ["shared", "process"])
def test_behind_each_so_many_records(isolation: wr.Isolation) -> None:
    with wr.load(example("windows"), isolation=isolation) as transform:
        for every in (1, 2, 3, 7, 8, None):
            expected = sums(EVENTS, every)
            assert read(list(transform.stream([LINES], flush_every=every))) == expected
            for data, size in ((LINES, 1), (LINES, 50), (b"\n" + LINES.replace(b"\n", b"\r\n\n"), 33)):
                pieces = [data[at : at + size] for at in range(0, len(data), size)]
                batches = list(transform.stream(pieces, input="ndjson", flush_every=every))
                assert read(batches) == expected
                assert sum(batch.counts.kept for batch in batches) == 7
            for size in (10, 1000):  # where in the array it is, it knows behind a flush as well
                pieces = [VALUES[at : at + size] for at in range(0, len(VALUES), size)]
                batches = list(transform.stream(pieces, input="json", flush_every=every))
                assert read(batches) == expected
                assert sum(batch.counts.failed for batch in batches) == 1


def test_a_module_that_knows_nothing_of_it() -> None:
    empty = """(memory.fill (i32.const 1032) (i32.const 0) (i32.const 24))
      (i32.store offset=4 (i32.const 1104) (i32.const 0))
      (i32.store offset=8 (i32.const 1104) (i32.const 0))"""
    close = f'(func (export "wr_close") (result i32) {empty} (i32.const 0))'
    manifest = '{"abi": 1, "stateful": true}'
    with wr.load(guest(letters="", manifest=manifest, extra=close)) as transform:
        batches = list(transform.stream([b"a\nb\nc\n"], flush_every=2))
        assert b"".join(batch.output for batch in batches) == b"a\nb\nc\n"
        assert [batch.counts.read for batch in batches] == [2, 0, 1, 0]


def test_a_module_that_cannot() -> None:
    manifest = '{"abi": 1, "stateful": true}'
    fails = "(if (i32.and (local.get $flags) (i32.const 2)) (then (return (i32.const 1))))"
    close = '(func (export "wr_close") (result i32) (i32.const 0))'
    with wr.load(guest(letters="", manifest=manifest, after=fails, extra=close)) as transform:
        batches = transform.stream([b"a\nb\nc\n"], flush_every=2)
        assert next(batches).output == b"a\nb\n"
        with pytest.raises(wr.GuestError, match=r"asked for what it has so far: .*wr_batch failed"):
            next(batches)


@pytest.mark.parametrize("every", [0, -1, True, "2", 1.0])
def test_no_number_of_records(every: Any) -> None:
    with (
        wr.load(example("windows")) as transform,
        pytest.raises(ValueError, match="flush_every: expected a number of records, at least 1, found"),
    ):
        list(transform.stream([LINES], flush_every=every))


def test_a_module_without_a_state(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(LINES)
    words = "flush_every: the module order-lines keeps no state: there is nothing to flush"
    with wr.load(example("order-lines")) as transform:
        with pytest.raises(ValueError, match=words):
            list(transform.stream([LINES], flush_every=2))
        with pytest.raises(ValueError, match=words):
            wr.run(tmp_path / "in", transform, tmp_path / "out", flush_every=2)
    assert not (tmp_path / "out").exists()


def test_the_command(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "windows.wasm").write_bytes(example("windows"))
    ended = run_cli("run", "-m", "windows.wasm", "--flush-every", "3", stdin=LINES)
    assert [json.loads(line) for line in ended.out.splitlines()] == sums(EVENTS, 3)
    assert ended.err.startswith("read 7  kept 7  dropped 0  failed 0 ")
    for arguments, message in (
        (
            ("-m", "windows.wasm", "--flush-every", "0"),
            "--flush-every: expected a number of records, at least 1",
        ),
        (("--jq", ".", "--flush-every", "3"), "--flush-every is for a module: it needs -m MODULE.wasm"),
    ):
        ended = run_cli("run", *arguments, stdin=LINES)
        assert (ended.code, message in ended.err) == (2, True), ended.err


ODD = [
    b"5",
    b'"x"',
    b"null",
    b"[1,2]",
    b"tru",
    b'{"a":',
    b"\xff",
    b"1.5e",
    b'"',
    b"]",
    b"",
    b"1",
    b'{"at":1}',
]


def test_no_record_is_lost_or_made_by_it() -> None:
    """Whatever stands in the input, and wherever it is cut: numbers end only where something follows."""
    chance = random.Random(20261126)
    with wr.load(example("windows"), limits=wr.Limits(record=200)) as transform:

        def fates(data: bytes, size: int, kind: str, every: int | None) -> tuple[Any, ...]:
            pieces = [data[at : at + size] for at in range(0, len(data), size)]
            batches = list(transform.stream(pieces, input=kind, flush_every=every))  # type: ignore[arg-type]
            failures = [(f.record, f.line, f.offset, f.code, f.input) for b in batches for f in b.failures]
            close(batches)
            found = read(batches)
            counts = sum(b.counts.read for b in batches), sum(b.counts.kept for b in batches)
            return counts, sum(one["events"] for one in found), sum(one["sum"] for one in found), failures

        for _ in range(200):
            items = [
                json.dumps({"at": n, "key": "a", "value": n}).encode()
                if chance.random() < 0.6
                else chance.choice([*ODD, b'{"k": "' + b"x" * 300 + b'"}'])
                for n in range(chance.randrange(9))
            ]
            lines = chance.choice([b"\n", b"\r\n", b"\n\n"]).join(items) + chance.choice([b"", b"\n"])
            values = chance.choice([b" ", b"\n", b""]).join(items)
            array = b"[" + b" , ".join(items) + chance.choice([b"]", b"", b"] 5"])
            for data, kind in ((lines, "ndjson"), (values, "json"), (array, "json")):
                size = chance.choice([1, 3, 10, 50, 10_000])
                expected = fates(data, size, kind, None)
                for every in (1, 2, 10**30):
                    assert fates(data, size, kind, every) == expected, (data, size, every)


def test_too_large_records_count_as_well() -> None:
    large = b'{"at":1,"key":"' + b"x" * 300_000 + b'","value":1}\n'
    small = b'{"at":%d,"key":"a","value":1}'
    with wr.load(example("windows"), limits=wr.Limits(record=1000)) as transform:
        for data in (large + small % 2, 3 * large + small % 2 + b"\n", small % 1 + b"\n" + large + small % 2):
            for every in (1, 2, 3):
                batches = list(transform.stream([data], flush_every=every))
                close(batches)
                assert sum(batch.counts.read for batch in batches) == data.count(b"at")
                assert sum(one["events"] for one in read(batches)) == data.count(b'"a"')


def test_a_flush_comes_behind_the_same_records_however_they_come() -> None:
    """Also where some in a row are too large: what is longer than a piece is passed over by the host."""
    large = b'{"at":1,"key":"' + b"x" * 5_000 + b'","value":1}\n'
    small = [b'{"at":1,"key":"a","value":%d}\n' % number for number in range(6)]
    data = small[0] + 2 * large + b"".join(small[1:])
    with wr.load(example("windows"), limits=wr.Limits(record=1000)) as transform:
        for every in (1, 2, 3, 5):
            found = []
            for size in (50, 700, 2_000, 1_000_000):
                pieces = [data[at : at + size] for at in range(0, len(data), size)]
                batches = list(transform.stream(pieces, input="ndjson", flush_every=every))
                close(batches)
                found.append(read(batches))
            assert found == [found[-1]] * 4, every


@pytest.mark.parametrize("isolation", ["shared", "process"])
def test_a_flush_finishes_no_record(isolation: wr.Isolation) -> None:
    manifest = '{"abi": 1, "stateful": true}'
    claims = "(if (i32.and (local.get $flags) (i32.const 2)) (then (call $add (i32.const 0) (i32.const 1))))"
    close = '(func (export "wr_close") (result i32) (i32.const 0))'
    module = guest(letters="", manifest=manifest, after=claims, extra=close)
    with wr.load(module, isolation=isolation) as transform:
        batches = transform.stream([b"a\nb\nc\n"], flush_every=2)
        assert next(batches).output == b"a\nb\n"
        with pytest.raises(wr.GuestError, match="cannot be true"):
            next(batches)


@pytest.mark.parametrize("input", ["ndjson", "json"])
def test_no_batch_is_given_again_for_each_flush(monkeypatch: pytest.MonkeyPatch, input: Any) -> None:
    given = []
    batch = Instance.batch

    def counted(instance: Instance, data: bytes, *arguments: Any, **named: Any) -> Any:
        given.append(len(data))
        return batch(instance, data, *arguments, **named)

    monkeypatch.setattr(Instance, "batch", counted)
    data = LINES * 300
    with wr.load(example("windows"), config={"seconds": 2**31}) as transform:
        batches = list(transform.stream([data], input=input, flush_every=1))
    assert sum(batch.counts.kept for batch in batches) == 2100
    assert sum(given) <= len(data) + 100
