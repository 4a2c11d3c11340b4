"""A module with a state that crashes: it knows on, from in front of the record that it crashed on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from guests import ARENA, BLOCK, OUTPUT, OUTPUTS, guest
from hypothesis import given, settings
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords._fault import Fault
from wasmrecords._journal import Journal

STATEFUL = '{"abi": 1, "stateful": true, "sdk": "by hand"}'  # what its host may save
STRANGE = '{"abi": 1, "stateful": true}'
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


def counting(
    read: str, write: str, extra: str = "", letters: str = "teorcpb", manifest: str = STATEFUL, **further: Any
) -> bytes:
    """Counts the records that have a fate, where ``read`` and ``write`` say."""
    clear, more = write.format("(i32.const 0)"), write.format(f"(i32.add {read} (i32.const 1))")
    asked = "(if (i32.and (local.get $flags) (i32.const 2)) (then (call $tell)))"
    told = TELL.format(read=read, clear=clear)
    return guest(letters=letters, done=more, after=asked, extra=told + extra, manifest=manifest, **further)


IN_MEMORY = counting(f"(i32.load (i32.const {COUNT}))", f"(i32.store (i32.const {COUNT}) {{}})")
IN_A_GLOBAL = counting(
    "(global.get $count)",
    "(global.set $count {})",
    "(global $count (mut i32) (i32.const 0)) (global $other (mut i32) (i32.const 0))",
)
IN_ONE_GLOBAL = counting(
    "(global.get $count)",
    "(global.set $count {})",
    "(global $count (mut i32) (i32.const 0))",
    manifest=STRANGE,
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


@pytest.fixture(scope="module", params=["memory", "globals", "global", "process"])
def transform(request: pytest.FixtureRequest) -> Iterator[wr.Transform]:
    module = {"globals": IN_A_GLOBAL, "global": IN_ONE_GLOBAL}.get(request.param, IN_MEMORY)
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
    journal = Journal("ndjson", wr.Limits())
    journal.batch(b"x\nx\n", False, 0, 0, 3)
    with wr.load(IN_MEMORY) as transform:
        instance = transform._take(transform._plain)
        with pytest.raises(wr.GuestError, match="given the same again: 2 of 3 records are finished"):
            journal.replay(instance)
        another = transform._take(transform._plain)
        too_large = another.save()
        assert too_large is not None
        journal = Journal("ndjson", wr.Limits())
        journal._saved = too_large._replace(memory=too_large.memory + bytes(100 << 20))
        with pytest.raises(wr.GuestError, match="what it knew is lost"):
            journal.replay(another)


def test_as_many_crashes_as_records() -> None:
    with wr.load(IN_MEMORY, limits=wr.Limits(faults=10_000)) as transform:
        count, counts = of_all(transform.stream([b"x\nt\n" * 200], input="ndjson"))
    assert (count, counts.failed) == (200, 200)


@pytest.mark.parametrize("module", [IN_A_GLOBAL, IN_ONE_GLOBAL], ids=["two globals", "one of a stranger"])
def test_what_is_not_in_the_memory_alone_is_given_again(module: bytes) -> None:
    line = b"x" * 999 + b"\n"
    with wr.load(module) as transform:
        count, _ = of_all(transform.stream([line * 200] * 30 + [b"t\n", line], input="ndjson"))
    assert count == 6_001


def test_what_fails_again_and_again_ends_the_run() -> None:
    line = b"x" * 9_999 + b"\n"
    pieces = [line * 1_500, *[b"t\nx\n"] * 30]
    words = r"so often that it was given [\d,]+ bytes of the input again"
    with wr.load(IN_ONE_GLOBAL) as transform, pytest.raises(wr.GuestError, match=words):
        list(transform.stream(pieces, input="ndjson"))


def test_a_crash_in_front_of_a_batch_has_no_reply() -> None:
    """The reply that lies in the memory which was put back is that to another batch."""
    module = counting(
        f"(i32.load (i32.const {COUNT}))",
        f"(i32.store (i32.const {COUNT}) {{}})",
        arena=f"(if (i32.gt_u (local.get 0) (i32.const 150000)) (then unreachable)) (i32.const {ARENA})",
    )

    def lines(first: int, count: int) -> bytes:
        return b"".join(b"x%06d%b\n" % (n, b"-" * 992) for n in range(first, first + count))

    pieces = [lines(100 * n, 100) for n in range(45)] + [b"t\n"] * 2 + [lines(4500, 200)]
    with wr.load(module) as transform:
        found = [batch.output for batch in transform.stream(pieces, input="ndjson")]
    numbers = [int(line[1:7]) for line in b"".join(found).splitlines() if len(line) > 8]
    assert numbers == list(range(4700))


def test_another_input_made_the_idle_instance_large() -> None:
    grows = "(if (i32.eq (local.get $byte) (i32.const 103)) (then (drop (memory.grow (i32.const 1)))))"
    module = counting(
        f"(i32.load (i32.const {COUNT}))", f"(i32.store (i32.const {COUNT}) {{}})", record=grows
    )
    line = b"x" * 999 + b"\n"
    with wr.load(module) as transform:

        def pieces() -> Iterator[bytes]:
            yield from [line * 200] * 30
            assert transform.run(b"g\n").counts.kept == 1  # its instance is idle now
            yield from [b"t\n", line]

        count, _ = of_all(transform.stream(pieces(), input="ndjson"))
    assert count == 6_001


def test_calls_without_bytes_are_counted_too() -> None:
    with wr.load(IN_MEMORY) as transform:
        instance = transform._take(transform._plain)
        journal = Journal("ndjson", wr.Limits())
        for record in range(100_000):
            journal.flush(0, record)
            journal.settle(instance)
        assert len(journal._given) * 200 < instance.size + 300
        instance.close()


@pytest.mark.parametrize("text", [b"1\n2\n13\n4\n", b"[1, 2 ,13, 4]", b"1 2 13 4"])
def test_values_that_end_where_the_next_begins(text: bytes) -> None:
    journal = Journal("json", wr.Limits())
    journal.batch(text[:3], False, 0, 0, 1)
    journal.batch(text[3:], True, 0, 1, 1)
    assert [given.data for given in journal._given] == [text[:3] + b" ", text[3:]]


def test_fuel_that_was_enough_is_enough_again() -> None:
    """A new instance asks for room as well, which the last one had."""
    countdown = "(local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $again (local.get 0))"
    module = counting(
        f"(i32.load (i32.const {COUNT}))",
        f"(i32.store (i32.const {COUNT}) {{}})",
        arena=f"(local.set 0 (i32.const 1000)) (loop $again {countdown}) (i32.const {ARENA})",
    )
    data = b"x" * 9_999 + b"\n"
    with wr.load(module, limits=wr.Limits(fuel=10_000_000)) as transform:
        instance = transform._take(transform._plain)
        for record in range(2):
            instance.batch(data, False, 0, record)
        spent = instance.spent
        instance.close()
    assert spent is not None
    limits = wr.Limits(fuel=spent)
    with wr.load(module, limits=limits) as transform:
        with pytest.raises(Fault, match="units of work"):
            transform._take(transform._plain).batch(data, False, 0)
        journal = Journal("ndjson", limits)
        journal.batch(data, False, 0, 0, 1)
        instance = transform._take(transform._plain)
        journal.replay(instance)
        instance.close()


def test_the_most_fuel_that_there_is_is_enough_again() -> None:
    with wr.load(IN_A_GLOBAL, limits=wr.Limits(fuel=2**63 - 1)) as transform:
        count, counts = of_all(transform.stream([b"x1\nt2\nx3\n"], input="ndjson"))
    assert (count, counts.failed) == (2, 1)


def test_a_memory_that_is_too_large_is_not_put_back() -> None:
    grows = "(if (i32.eq (local.get $byte) (i32.const 103)) (then (drop (memory.grow (i32.const 1)))))"
    with wr.load(guest(record=grows, manifest=STATEFUL)) as transform:
        saved = transform._take(transform._plain).save()
        assert saved is not None
        large = transform._take(transform._plain)
        large.batch(b"g\n", True, 0)
        with pytest.raises(Fault, match="its memory is larger than that of the one before it"):
            large.restore(saved)
