"""Capabilities: what a module wants, what it is granted, and what it then gets: the same in every run."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import Any, Literal

import pytest
from guests import ARENA, OUTPUT, guest, store
from hypothesis import given, settings
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords import _module
from wasmrecords._capabilities import GRANTS, parse_allow

LIMITS = wr.Limits(time=0.3)
SUCCESS, FAULT, INVAL, NOSYS = 0, 21, 28, 52


def manifest(*wanted: str) -> str:
    return json.dumps({"abi": 1, "name": "odd", "capabilities": list(wanted)})


_IMPORTS = """
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_res_get" (func $resolution (param i32 i32) (result i32)))
"""
# Puts the eight bytes at 512 behind a record's first letter, as 16 letters from a to p.
_SHOW = f"""
  (func $show (param $at i32) (local $k i32)
    (loop $next
      (i32.store8 offset={ARENA + 1} (i32.add (local.get $at) (local.get $k))
        (i32.add (i32.const 97) (i32.and (i32.const 15)
          (i32.shr_u (i32.load8_u offset=512 (i32.shr_u (local.get $k) (i32.const 1)))
                     (i32.mul (i32.const 4) (i32.and (local.get $k) (i32.const 1)))))))
      (br_if $next (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 16)))))
"""
RANDOM = "(drop (call $random (i32.const 512) (i32.const 8))) (call $show (local.get $at))"
CLOCK = "(drop (call $time (i32.const {}) (i64.const 1) (i32.const 512))) (call $show (local.get $at))"


def module(record: str, *wanted: str, **changes: Any) -> bytes:
    """A guest that puts what it was given into each of its records."""
    return guest(record=record, imports=_IMPORTS, extra=_SHOW, manifest=manifest(*wanted), **changes)


def lines(*firsts: str) -> bytes:
    return "".join(f"{first}{'-' * 16}\n" for first in firsts).encode()


def numbers(output: bytes) -> list[int]:
    """What :data:`_SHOW` shows, line by line."""
    shown = [bytes(byte - 97 for byte in line[1:17]) for line in output.splitlines()]
    return [sum(nibble << 4 * at for at, nibble in enumerate(line)) for line in shown]


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allow", "expected"),
    [
        ((), ()),
        ("log", ("log",)),
        (" random , log,log", ("log", "random")),
        (["random", "clock=real,log"], ("log", "clock=real", "random")),
        (iter(["clock"]), ("clock",)),
        ({"log": 1}, ("log",)),
    ],
)
def test_grants(allow: Any, expected: tuple[str, ...]) -> None:
    assert parse_allow(allow) == expected


@pytest.mark.parametrize(
    ("allow", "message"),
    [
        (["clok"], r"^allow: unknown capability 'clok'; did you mean clock\?$"),
        ("LOG", r"unknown capability 'LOG'; did you mean log\?$"),
        ("clock=reel", r"did you mean clock=real\?$"),
        ("", r"unknown capability ''; known are log, clock, clock=real, random$"),
        ("log,", "unknown capability ''"),
        (["network"], "unknown capability 'network'; known are"),
        (["\x1b[2J\n" * 100], r"unknown capability '\\x1b\[2J[^\x1b\n]{1,80}…; known are"),
        (["clock", "clock=real"], "clock and clock=real cannot go together"),
    ],
)
def test_grants_that_are_none(allow: Any, message: str) -> None:
    for call in (wr.load, wr.inspect):
        with pytest.raises(ValueError, match=message):
            call(guest(), allow=allow)


@pytest.mark.parametrize("allow", [None, 7, [7], b"log", [None]])
def test_grants_that_are_no_text(allow: Any) -> None:
    with pytest.raises(TypeError, match=r"^allow: expected names of capabilities, found "):
        wr.load(guest(), allow=allow)


# --- granted or not -------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["log", "clock", "random"])
def test_what_was_not_granted_is_refused(wanted: str) -> None:
    data = guest(manifest=manifest(wanted))
    for allow in ((), [name for name in GRANTS if name.partition("=")[0] != wanted and "=" not in name]):
        with pytest.raises(wr.ModuleError) as caught:
            wr.load(data, allow=allow)
        assert str(caught.value) == (
            f"the module wants {wanted} (capabilities in its manifest) and was not granted it: "
            f"allow=['{wanted}'] in Python or --allow {wanted} would"
        )
        found = wr.inspect(data, allow=allow)
        assert (found.refusal, found.capabilities, found.gets) == (str(caught.value), (wanted,), ())


def test_of_two_that_it_wants_both_are_named() -> None:
    data = guest(manifest=manifest("random", "log", "clock"))
    with pytest.raises(wr.ModuleError, match=r"wants random and clock .* --allow random,clock would$"):
        wr.load(data, allow=["log"])
    # The module that is compiled already is refused as well.
    with wr.load(data, allow="log,random,clock=real") as transform:
        assert transform.capabilities == ("log", "clock=real", "random")
    with pytest.raises(wr.ModuleError, match="wants random and log and clock"):
        wr.load(data)


def test_what_no_module_gets() -> None:
    for name, hint in (("network", "known are log, clock, random"), ("clocks", r"did you mean clock\?")):
        with pytest.raises(wr.ModuleError, match=rf"wants {name} .*, which no module gets; {hint}$"):
            wr.load(guest(manifest=manifest("log", name)), allow=["log"])


def test_a_module_gets_what_it_wants_and_no_more() -> None:
    data = module(RANDOM + CLOCK.format(0), "random")
    found = wr.inspect(data, allow=GRANTS[:2] + GRANTS[3:])
    assert (found.refusal, found.gets) == (None, ("random",))
    with wr.load(data, allow=["log", "clock", "random"], limits=LIMITS) as transform:
        assert transform.capabilities == ("random",)
        shown = numbers(transform.run(lines("a", "a")).output)
    with wr.load(module(RANDOM, "random"), allow=["random"], limits=LIMITS) as transform:
        assert len(set(shown) | set(numbers(transform.run(lines("a", "a")).output))) == 4  # other seeds
    with wr.load(guest(), allow=["log", "clock=real", "random"]) as transform:
        assert (transform.capabilities, transform.run(b"a1\n").output) == ((), b"a1\n")


# --- random and the record clock: a run repeats ---------------------------------------------------

_RECORDS = st.lists(st.sampled_from("aaagdftn"), min_size=1, max_size=12)
_SHORT = wr.Limits(time=0.3, memory=8 * wr.MiB)


@pytest.fixture(scope="module", params=["shared", "fresh"])
def pair(request: Any) -> Any:
    """The same with random bytes and with the record clock."""
    made = [
        wr.load(module(RANDOM, "random"), allow="random", limits=_SHORT, isolation=request.param),
        wr.load(module(CLOCK.format(0), "clock"), allow="clock", limits=_SHORT, isolation=request.param),
    ]
    yield made
    for transform in made:
        transform.close()


@settings(max_examples=60)
@given(firsts=_RECORDS, cuts=st.lists(st.integers(0, 12), max_size=4))
def test_any_split_gives_the_same(pair: list[wr.Transform], firsts: list[str], cuts: list[int]) -> None:
    records = [line + b"\n" for line in lines(*firsts).splitlines()]
    edges = sorted({0, len(records), *(cut for cut in cuts if cut < len(records))})
    pieces = [b"".join(records[a:b]) for a, b in pairwise(edges)]
    for transform in pair:
        whole = transform.run(b"".join(records))
        split = list(transform.stream(pieces, input="ndjson"))
        assert b"".join(batch.output for batch in split) == whole.output
        assert [f.record for batch in split for f in batch.failures] == [f.record for f in whole.failures]
    kept = [number for number, first in enumerate(firsts, 1) if first in "agn"]
    assert numbers(whole.output) == [number * 1_000_000 for number in kept]


def test_random_bytes_follow_from_module_config_record_and_call() -> None:
    twice = module(RANDOM + RANDOM, "random")
    once = module(RANDOM, "random")
    outputs = {}
    for name, data, config in (("once", once, 1), ("twice", twice, 1), ("config", once, 2)):
        isolations: tuple[Literal["shared", "fresh"], ...] = ("shared", "fresh")
        for isolation in isolations:
            with wr.load(data, config=config, allow="random", isolation=isolation) as transform:
                runs = [transform.run(lines("a", "a")) for _ in range(2)]
            outputs[name, isolation] = [numbers(batch.output) for batch in runs]
    for name in ("once", "twice", "config"):
        (first, again), other = outputs[name, "shared"], outputs[name, "fresh"]
        assert [first, again] == other == [first, first]
    assert len({number for shown in outputs.values() for number in shown[0]}) == 6


def test_a_liar_about_its_records_gets_other_bytes_and_no_more() -> None:
    lie = f"{store(8, 0xFFFFFFFF)} {CLOCK.format(1)} {store(8, 0)}"
    with wr.load(module(lie, "clock"), allow="clock", limits=LIMITS) as transform:
        assert numbers(transform.run(lines("a")).output) == [(1 << 32) * 1_000_000]


def test_the_clock_says_one_nanosecond_while_a_module_opens() -> None:
    opened = """(i64.store (i32.const 512) (i64.const -1))
        (drop (call $time (i32.const 1) (i64.const 0) (i32.const 512)))
        (i64.store (i32.const 520) (i64.load (i32.const 512))) (i32.const 1024)"""
    tell = "(i64.store (i32.const 512) (i64.load (i32.const 520))) (call $show (local.get $at))"
    with wr.load(module(tell, "clock", open=opened), allow="clock", limits=LIMITS) as transform:
        assert numbers(transform.run(lines("a")).output) == [1]


# --- the clocks' calls ----------------------------------------------------------------------------


def errno(call: str, wanted: tuple[str, ...], allow: Any) -> int:
    tell = f"(i32.store8 (i32.const {OUTPUT}) (i32.add (i32.const 48) {call}))"
    with wr.load(module("", *wanted, after=tell), allow=allow, limits=LIMITS) as transform:
        return transform.run(b"a1\n").output[0] - 48


@pytest.mark.parametrize("allow", ["clock", "clock=real"])
@pytest.mark.parametrize(
    ("clock", "address", "expected"),
    [
        (0, 512, SUCCESS),
        (1, 64 * 65536 - 8, SUCCESS),
        (1, 64 * 65536 - 7, FAULT),
        (0, -1, FAULT),
        (0, -8, FAULT),
        (2, 512, INVAL),
        (3, 512, INVAL),
        (-1, 512, INVAL),
    ],
)
def test_clocks_out_of_range(allow: str, clock: int, address: int, expected: int) -> None:
    read = f"(call $time (i32.const {clock}) (i64.const -1) (i32.const {address}))"
    resolution = f"(call $resolution (i32.const {clock}) (i32.const {address}))"
    assert errno(read, ("clock",), allow) == errno(resolution, ("clock",), allow) == expected
    assert errno(read, (), allow) == errno(resolution, (), allow) == NOSYS


def test_the_real_clocks() -> None:
    for clock, now in ((0, time.time_ns), (1, time.monotonic_ns)):
        with wr.load(module(CLOCK.format(clock), "clock"), allow="clock=real", limits=LIMITS) as transform:
            before = now()
            first, second = numbers(transform.run(lines("a", "a")).output)
            assert before <= first <= second <= now()


@pytest.mark.parametrize(("allow", "lowest", "highest"), [("clock", 10**6, 10**6), ("clock=real", 1, 10**8)])
def test_what_the_clocks_can_tell_apart(allow: str, lowest: int, highest: int) -> None:
    tell = "(drop (call $resolution (i32.const 0) (i32.const 512))) (call $show (local.get $at))"
    with wr.load(module(tell, "clock"), allow=allow, limits=LIMITS) as transform:
        assert lowest <= numbers(transform.run(lines("a")).output)[0] <= highest


@pytest.mark.parametrize(
    "call",
    [
        "(call $random (i32.const 512) (i32.const 4096))",
        "(call $time (i32.const 0) (i64.const 0) (i32.const 512))",
    ],
)
def test_endless_questions_are_out_of_time(call: str) -> None:
    ask = f"""(if (i32.eq (i32.load8_u offset={ARENA} (local.get $at)) (i32.const 113))
        (then (loop $again (drop {call}) (br $again))))"""
    with wr.load(module(ask, "random", "clock"), allow="random,clock", limits=LIMITS) as transform:
        batch = transform.run(b"a1\nq2\na3\n")
    assert ([f.code for f in batch.failures], batch.output) == (["time"], b"a1\na3\n")


def test_a_grant_needs_no_shipped_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a checkout in which nothing is built yet, a module of one's own gets what it was granted."""

    def missing(_: str) -> bytes:
        raise wr.ModuleError("the module records is missing")

    monkeypatch.setattr(_module, "shipped", missing)
    manifest = json.dumps({"abi": 1, "capabilities": ["log"], "name": "before the build"})
    with wr.load(guest(manifest=manifest), allow="log") as transform:
        assert transform.capabilities == ("log",)
        assert transform.run(b"a1\n").output == b"a1\n"
