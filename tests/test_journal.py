"""A module with a state that crashes: it knows on, from in front of the record that it crashed on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from guests import BLOCK, OUTPUT, OUTPUTS, guest
from hypothesis import given, settings
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords._journal import Journal

STATEFUL = '{"abi": 1, "stateful": true}'
COUNT = 900  # where the guest counts

# One line with the count in eight letters, of which "a" is 0 and "p" is 15; it counts anew then.
TELL = f"""
  (func $tell
    (local $at i32) (local $count i32)
    (local.set $count {{read}})
    {{clear}}
    (loop $next
      (i32.store8 (i32.add (i32.const {OUTPUT}) (local.get $at))
        (i32.add (i32.const 97) (i32.and (i32.const 15)
          (i32.shr_u (local.get $count) (i32.sub (i32.const 28) (i32.mul (i32.const 4) (local.get $at)))))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 8))))
    (i32.store8 (i32.const {OUTPUT + 8}) (i32.const 10))
    (call $set (i32.const 32) (i32.const {OUTPUTS})) (call $set (i32.const 36) (i32.const 1))
    (i32.store (i32.const {OUTPUTS}) (i32.const {OUTPUT}))
    (i32.store offset=4 (i32.const {OUTPUTS}) (i32.const 9))
    (i32.store offset=8 (i32.const {OUTPUTS}) (i32.const 1))
    (call $set (i32.const 12) (i32.const 1)))
  (func (export "wr_close") (result i32)
    (memory.fill (i32.const {BLOCK + 8}) (i32.const 0) (i32.const 64)) (call $tell) (i32.const 0))
"""


def counting(read: str, write: str, extra: str = "", letters: str = "teorcpb") -> bytes:
    """Counts the records that have a fate, where ``read`` and ``write`` say."""
    clear, more = write.format("(i32.const 0)"), write.format(f"(i32.add {read} (i32.const 1))")
    asked = "(if (i32.and (local.get $flags) (i32.const 2)) (then (call $tell)))"
    told = TELL.format(read=read, clear=clear)
    return guest(letters=letters, done=more, after=asked, extra=told + extra, manifest=STATEFUL)


IN_MEMORY = counting(f"(i32.load (i32.const {COUNT}))", f"(i32.store (i32.const {COUNT}) {{}})")
IN_A_GLOBAL = counting(
    "(global.get $count)",
    "(global.set $count {})",
    "(global $count (mut i32) (i32.const 0)) (global $other (mut i32) (i32.const 0))",
)


def counted(lines: Iterator[bytes] | list[bytes]) -> int:
    """What the told counts come to. Lines of records begin with another letter."""
    total = 0
    for line in lines:
        if len(line) == 8 and all(97 <= letter <= 112 for letter in line):
            total += sum(
                (letter - 97) << shift for letter, shift in zip(line, range(28, -4, -4), strict=True)
            )
    return total


def of_all(batches: Iterator[wr.Batch]) -> tuple[int, wr.Counts]:
    found = list(batches)
    counts = wr.Counts(*(sum(values) for values in zip(*(batch.counts for batch in found), strict=True)))
    return counted([line for batch in found for line in batch.output.splitlines()]), counts


@pytest.fixture(scope="module", params=["memory", "global", "process"])
def transform(request: pytest.FixtureRequest) -> Iterator[wr.Transform]:
    module = IN_A_GLOBAL if request.param == "global" else IN_MEMORY
    isolation: wr.Isolation = "process" if request.param == "process" else "shared"
    with wr.load(module, isolation=isolation) as made:
        yield made


LETTERS = st.sampled_from("xxxxdfteorcpb")


@settings(max_examples=60, deadline=None)
@given(
    letters=st.lists(LETTERS, max_size=40),
    size=st.integers(1, 200),
    flush=st.none() | st.integers(1, 9),
)
def test_each_record_that_has_a_fate_is_known(
    transform: wr.Transform, letters: list[str], size: int, flush: int | None
) -> None:
    text = "".join(f"{letter}{number}\n" for number, letter in enumerate(letters)).encode()
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    count, counts = of_all(transform.stream(pieces, input="ndjson", flush_every=flush))
    bad = sum(letter in "teorcpb" for letter in letters)
    assert (counts.read, counts.failed) == (len(letters), bad + letters.count("f"))
    assert count == len(letters) - bad


def test_it_is_saved_in_a_long_input() -> None:
    """Its memory has 4 MiB: that is saved some times here, and what was given since is given again."""
    line = b"x" * 999 + b"\n"
    piece = line * 200 + b"t\n" + line * 100
    with wr.load(IN_MEMORY) as transform:
        count, counts = of_all(transform.stream([piece] * 60, input="ndjson"))
    assert (count, counts.failed) == (60 * 300, 60)


def test_what_is_too_much_to_give_again_ends_the_run() -> None:
    line = b"x" * 9_999 + b"\n"
    with wr.load(IN_A_GLOBAL) as transform:
        count, counts = of_all(transform.stream([line * 1_500, b"t\n", line], input="ndjson"))
        assert (count, counts.failed) == (1_501, 1)
        batches = transform.stream([line * 1_700, b"t\n", line], input="ndjson")
        with pytest.raises(wr.GuestError, match="what it knew is lost: its host cannot save it, and has not"):
            list(batches)
        assert transform.run(b"x\n").counts.kept == 1


def test_what_is_not_the_same_again_ends_the_run() -> None:
    journal = Journal(wr.Limits())
    journal.batch(b"x\nx\n", False, 0, 0, 3)
    with wr.load(IN_MEMORY) as transform:
        instance = transform._take(transform._plain)
        with pytest.raises(wr.GuestError, match="does not do the same: 2 of 3 records are finished"):
            journal.again(instance)
        another = transform._take(transform._plain)
        too_large = another.save()
        assert too_large is not None
        journal = Journal(wr.Limits())
        journal._saved = too_large._replace(memory=too_large.memory + bytes(100 << 20))
        with pytest.raises(wr.GuestError, match="what it knew is lost"):
            journal.again(another)


def test_as_many_crashes_as_records() -> None:
    with wr.load(IN_MEMORY, limits=wr.Limits(faults=10_000)) as transform:
        count, counts = of_all(transform.stream([b"x\nt\n" * 200], input="ndjson"))
    assert (count, counts.failed) == (200, 200)
