"""Isolation: whatever a guest does with a record, that one record pays, and no other."""

from __future__ import annotations

import mmap
import tempfile

import pytest
from guests import MISDEEDS, guest, store

import wasmrecords as wr
from wasmrecords._fault import Fault
from wasmrecords._framing import BETWEEN, extents

LIMITS = wr.Limits(time=0.05)
PATIENT = wr.Limits(time=5.0, faults=1000)
"""Where nothing takes long, however busy the machine is."""

REASONS = {
    "t": "trap",
    "l": "time",
    "s": "stack",
    "o": "trap",
    "z": "trap",
    "e": "exit",
    "r": "reply",
    "b": "reply",
    "c": "reply",
    "p": "reply",
}


@pytest.fixture(scope="module")
def transform() -> wr.Transform:
    return wr.load(guest(), limits=LIMITS)


@pytest.mark.parametrize("letter", REASONS)
def test_a_misdeed_costs_the_record_in_hand(transform: wr.Transform, letter: str) -> None:
    batch = transform.run(f"a1\n{letter}2\na3\nd4\nf5\na6".encode())
    assert batch.output == b"a1\na3\na6\n"
    assert batch.counts == wr.Counts(read=6, kept=3, dropped=1, failed=2, written=3)
    bad, odd = batch.failures
    assert (bad.record, bad.line, bad.offset, bad.code, bad.input) == (
        2,
        2,
        3,
        REASONS[letter],
        f"{letter}2".encode(),
    )
    assert (odd.record, odd.line, odd.offset, odd.code, odd.path) == (5, 5, 12, "odd", "$.x")


def test_all_misdeeds_in_one_batch(transform: wr.Transform) -> None:
    lines = []
    for number, letter in enumerate(letter for letter in REASONS for _ in range(3)):
        lines += [f"{letter}{number}", f"a{number}"]
    batch = transform.run("\n".join(lines).encode())
    assert batch.output.decode().split() == [line for line in lines if line[0] == "a"]
    assert [f.input.decode() for f in batch.failures] == [line for line in lines if line[0] != "a"]
    assert [f.code for f in batch.failures] == [REASONS[line[0]] for line in lines if line[0] != "a"]
    assert [f.record for f in batch.failures] == list(range(1, len(lines), 2))


def test_a_bad_call_into_wasi_is_an_errno_to_the_guest(transform: wr.Transform) -> None:
    assert set(MISDEEDS) - set(REASONS) == {"n"}
    assert transform.run(b"n1\na2\n").output == b"n1\na2\n"


@pytest.mark.parametrize("isolation", ["shared", "fresh"])
def test_every_third_record_is_poison(isolation: str) -> None:
    data = b"".join(b"t%d\n" % n if n % 3 == 0 else b"a%d\n" % n for n in range(600))
    with wr.load(guest(), limits=LIMITS, isolation=isolation) as transform:
        batch = transform.run(data)
    assert batch.counts == wr.Counts(read=600, kept=400, dropped=0, failed=200, written=400)
    assert [f.record for f in batch.failures] == list(range(1, 601, 3))
    assert batch.output == b"".join(b"a%d\n" % n for n in range(600) if n % 3)


LIES = {
    "the block is broken": store(0, 7),
    "the block is too small": store(4, 8),
    "more failed than there were": store(20, 3),
    "more dropped than there were": store(16, 3),
    "more records than bytes": store(8, 100),
    "too few records": store(8, 1),
    "no record and all bytes": store(8, 0)
    + store(12, 0)
    + "(i64.store offset=4 (i32.const 1104) (i64.const 0))",
    "consumed more than given": store(24, 1000),
    "consumed half a record": store(24, 5),
    "consumed wraps": store(24, 0xFFFFFFFF),
    "a state that is none": store(28, 9),
    "the outputs lie outside": store(32, 0xFFFFFFF0),
    "no outputs": store(36, 0),
    "two outputs": store(36, 2),
    "failures without a table": store(44, 1),
    "output outside": "(i32.store (i32.const 1104) (i32.const -8))",
    "output wraps": "(i32.store (i32.const 1104) (i32.const -2))"
    "(i32.store offset=4 (i32.const 1104) (i32.const 12))",
    "output of 4 GiB": "(i32.store offset=4 (i32.const 1104) (i32.const -1))",
    "more output records than lines": "(i32.store offset=8 (i32.const 1104) (i32.const 9))" + store(12, 9),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_costs_the_batch_only_that_each_record_is_asked_alone(lie: str) -> None:
    """A guest that always lies fails each record, and each record is there."""
    with wr.load(guest(after=LIES[lie]), limits=PATIENT) as transform:
        batch = transform.run(b"a1\na2\na3\n")
    if lie in ("too few records", "consumed half a record", "more records than bytes"):
        # What is a lie about three records can be the truth about one.
        assert batch.counts.read == 3
    else:
        assert batch.counts == wr.Counts(read=3, kept=0, dropped=0, failed=3, written=0)
        assert {f.code for f in batch.failures} == {"reply"}
    assert sorted([f.input for f in batch.failures] + batch.output.split()) == [b"a1", b"a2", b"a3"]


FAILURE_ROWS = {
    "of a record that is not there": (0, 5),
    "that begins elsewhere": (4, 1),
    "that has 4 GiB": (8, 0xFFFFFFFF),
    "with its fault elsewhere": (12, 90),
    "with a code outside": (16, 0xFFFFFFFE),
    "with a code that is no word": (16, 1206),
    "with a path outside": (24, 0xFFFFFFFE),
    "with a message outside": (32, 0xFFFFFFFE),
}


@pytest.mark.parametrize("row", FAILURE_ROWS)
def test_failures_are_checked_too(row: str) -> None:
    field, value = FAILURE_ROWS[row]
    signed = value if value < 1 << 31 else value - (1 << 32)
    put = f"(i32.store offset={field} (i32.const 2048) (i32.const {signed}))"
    lie = f"(if (call $get (i32.const 20)) (then {put}))"
    with wr.load(guest(after=lie), limits=PATIENT) as transform:
        batch = transform.run(b"a1\nf2\na3\n")
    assert batch.output == b"a1\na3\n"
    assert [(f.record, f.code, f.input) for f in batch.failures] == [(2, "reply", b"f2")]


@pytest.mark.parametrize(
    ("arena", "code"),
    [("(i32.const 0)", "record_too_large"), ("(i32.const -4)", "reply")],
    ids=["none", "outside"],
)
def test_an_arena_that_is_none(arena: str, code: str) -> None:
    opening = (
        f"(if (result i32) (i32.gt_u (local.get 0) (i32.const 20)) (then (i32.const 65536)) (else {arena}))"
    )
    with wr.load(guest(arena=opening), limits=PATIENT) as transform:
        # Each instance has room from its opening: only what is larger asks again.
        long = b"a" * 400
        batch = transform.run(b"a1\n" + long + b"\na3\n")
    assert batch.counts.read == 3
    assert batch.output == b"a1\n" + long + b"\na3\n"


@pytest.mark.parametrize("size", [64 * wr.MiB + 1, 2**32, 2**32 + 9], ids=["memory", "4 GiB", "more"])
def test_a_record_that_no_memory_has_room_for(transform: wr.Transform, size: int) -> None:
    """Its length may be none that a guest can be told."""
    with tempfile.TemporaryFile() as file:
        file.truncate(size)  # which takes no room
        with mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ) as record, memoryview(record) as data:
            instance = transform._take(transform._plain)
            with pytest.raises(Fault, match="do not fit the guest's memory") as caught:
                instance.batch(data, True, 0)
    assert caught.value.code == "record_too_large"


@pytest.mark.parametrize(
    "open",
    ["(i32.const 0)", "(i32.const -4)", "(i32.const 1025)", "unreachable", "(loop $x (br $x)) (i32.const 0)"],
    ids=["nothing there", "outside", "unaligned", "trap", "endless"],
)
def test_a_module_that_does_not_open(open: str) -> None:
    with pytest.raises((wr.GuestError, wr.TimeLimit)):
        wr.load(guest(open=open), limits=wr.Limits(time=0.5))


READS_JSON = '{"abi": 1, "input": ["ndjson", "json"]}'

STREAMS = [
    b"1",
    b"1 2 3",
    b"1\n2\n3",
    b"[1, 2, 3]",
    b"[1,2,3",
    b"[[1],{},4",
    b'1"a"2{}3[4]5',
    b"[1,,2,]3",
    b",:}]",
    b'["a" "b"',
    b'{"a": 1} {"b"',
    b"[" + b"1," * 500 + b"1]",
]


@pytest.mark.parametrize("data", STREAMS, ids=lambda data: data[:12].decode())
def test_values_of_a_stream_are_asked_alone_too(data: bytes) -> None:
    with wr.load(guest(answer=7, manifest=READS_JSON), limits=PATIENT) as transform:
        batch = transform.run(data, input="json")
    there = [data[e.start : e.end] for e in extents(data, "json", BETWEEN, True)]
    assert [(f.code, f.input) for f in batch.failures] == [("reply", text) for text in there]
    assert batch.counts.read == len(there)


@pytest.mark.parametrize("slow", [False, True], ids=["by halves", "one by one"])
@pytest.mark.parametrize("data", [b' 1"a" 3', b'\n1"a" 3', b'[1"a", 3]', b'[1"a", 3] {}'], ids=range(4))
def test_what_is_passed_in_front_of_a_value_without_an_end_is_passed_once(data: bytes, slow: bool) -> None:
    """Of the first two bytes the guest passes one, which is no record; everything else it lies about."""
    state = int(data.startswith(b"["))
    passes = f"""(if (i32.eq (local.get $len) (i32.const 2))
      (then {store(24, 1)} {store(28, state)} (return (i32.const 0))))"""
    # Where lies take long each value is asked alone. On a slow machine its time is over, to the same end.
    again = "(br_if $again (local.tee $at (i32.sub (local.get $at) (i32.const 1))))"
    lasts = f"""(if (i32.gt_u (local.get $len) (i32.const 6))
      (then (local.set $at (i32.const 120000000)) (loop $again {again})))"""
    module = guest(after=passes + lasts * slow, answer=7, manifest=READS_JSON)
    with wr.load(module, limits=wr.Limits(time=0.2) if slow else PATIENT) as transform:
        failures = transform.run(data, input="json").failures
    there = [e[:2] for e in extents(data, "json", BETWEEN, True)]
    assert [(f.offset, f.input) for f in failures] == [(start, data[start:end]) for start, end in there]
    assert {f.line for f in failures} == {1 + data.count(b"\n")}


@pytest.mark.parametrize("data", STREAMS[2:8:2], ids=lambda data: data[:12].decode())
@pytest.mark.parametrize("lie", LIES)
def test_lies_about_a_stream(data: bytes, lie: str) -> None:
    """The guest splits lines where it should read JSON, and lies besides."""
    with wr.load(guest(after=LIES[lie], manifest=READS_JSON), limits=PATIENT) as transform:
        batch = transform.run(data, input="json")
    there = list(extents(data, "json", BETWEEN, True))
    assert batch.counts.read == len(there)
    assert {f.offset for f in batch.failures} <= {e.start for e in there}


def test_a_failure_is_the_whole_line_or_a_lie() -> None:
    for row in (
        "(i32.store offset=8 (i32.const 2048) (i32.const 1))",
        "(i32.store offset=8 (i32.const 2048) (i32.const 4))",
    ):
        with wr.load(guest(after=row), limits=PATIENT) as transform:
            batch = transform.run(b"f\r2\r\na3\n")
        assert [(f.code, f.input) for f in batch.failures] == [("reply", b"f\r2")]
        assert batch.output == b"a3\n"


def test_a_blank_line_is_no_record_whatever_the_module_says() -> None:
    """It claims one more record, dropped, where a blank line makes the numbers fit."""
    lie = "(call $add (i32.const 8) (i32.const 1)) (call $add (i32.const 16) (i32.const 1))"
    for data in (b"a1\n\na2\n", b"\na1\na2\n", b"a1\na2\n \t", b"a1\n  \r\na2"):
        with wr.load(guest(after=lie), limits=PATIENT) as transform:
            batch = transform.run(data)
        assert (batch.counts.read, {f.code for f in batch.failures}) == (2, {"reply"})
