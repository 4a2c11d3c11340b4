"""The object that users hold is kept, closed, shared by threads and forked; and modules that keep a state."""

from __future__ import annotations

import gc
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from forks import in_child
from guests import ROWS, TEXTS, guest, store
from test_transform import LIMITS, idle

import wasmrecords as wr

# --- keeping and closing --------------------------------------------------------------------------


def test_instances_are_used_again() -> None:
    count = "(i32.store (i32.const 512) (i32.add (i32.const 1) (i32.load (i32.const 512))))"
    tell = f"{count} (i32.store8 (i32.const 2097152) (i32.add (i32.const 48) (i32.load (i32.const 512))))"
    for isolation, expected in (("shared", [b"%d" % n for n in range(1, 7)]), ("fresh", [b"1"] * 6)):
        with wr.load(guest(after=tell), limits=LIMITS, isolation=isolation) as transform:  # type: ignore[arg-type]
            assert [transform.run(b"abc\n").output[:1] for _ in range(3)] == expected[:3]
            assert [b.output[:1] for b in transform.stream([b"abc\n"] * 3, input="ndjson")] == expected[3:]
            assert idle(transform) == (1 if isolation == "shared" else 0)


def test_use_after_close() -> None:
    transform = wr.load(guest(), limits=LIMITS)
    batches = transform.stream([b"a1\n", b"a2\n"], input="ndjson")
    assert next(batches).output == b"a1\n"
    transform.close()
    transform.close()
    assert idle(transform) == 0
    for use in (
        lambda: transform.run(b"a1\n"),
        lambda: list(transform.stream([b"a1\n"])),
        lambda: list(transform.map([1])),
    ):
        with pytest.raises(ValueError, match="the transform is closed"):
            use()
    assert next(batches).output == b"a2\n", "what had begun may end"
    batches.close()  # type: ignore[attr-defined]
    assert idle(transform) == 0


def test_a_with_block_closes() -> None:
    with wr.load(guest(), limits=LIMITS) as transform:
        assert transform.run(b"a1\n").output == b"a1\n"
    with pytest.raises(ValueError, match="the transform is closed"):
        transform.run(b"a1\n")


def test_many_transforms_leave_nothing_behind() -> None:
    """Each guest reserves gigabytes of addresses: some thousand that are not freed would not fit."""
    module = guest()
    for number in range(300):
        transform = wr.load(module, limits=LIMITS)
        transform.run(b"t1\na2\n")
        if number % 2:
            transform.close()
        del transform
    gc.collect()


# --- threads --------------------------------------------------------------------------------------


@pytest.mark.parametrize("isolation", ["shared", "fresh"])
def test_threads_share_it(isolation: Any) -> None:
    def work(thread: int) -> None:
        for turn in range(40):
            lines = [b"%c%d-%d-%d" % (b"adft"[(n + turn) % 4], thread, turn, n) for n in range(12)]
            batch = transform.run(b"\n".join(lines))
            assert batch.output.split() == [line for line in lines if line[:1] == b"a"]
            assert [f.input for f in batch.failures] == [line for line in lines if line[:1] in b"ft"]
            assert batch.counts == wr.Counts(12, 3, 3, 6, 3)

    with wr.load(guest(), limits=wr.Limits(time=5.0), isolation=isolation) as transform:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert idle(transform) <= 8


def test_threads_share_the_module_of_ours(records_wasm: object) -> None:
    def work(thread: int) -> None:
        for turn in range(20):
            data = "".join(f'{{"id": {n}, "who": "{thread}-{turn}"}}\n' for n in range(30)) + "[\n"
            batch = transform.run(data.encode())
            assert batch.output.decode() == "".join(f'"{thread}-{turn}"\n' for n in range(30) if n % 3)
            assert [f.record for f in batch.failures] == [31]

    with wr.jq("select(.id % 3 != 0) | .who") as transform, ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


def test_closing_while_others_work() -> None:
    transform = wr.load(guest(), limits=LIMITS)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while True:
                assert transform.run(b"a1\nf2\n").output == b"a1\n"
        except ValueError as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    transform.close()
    for thread in threads:
        thread.join(30)
    assert [str(error) for error in errors] == ["the transform is closed"] * 4
    assert idle(transform) == 0


# --- fork -----------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_works_with_it() -> None:
    with wr.load(guest(), limits=LIMITS) as transform:
        batches = transform.stream([b"a1\n", b"a2\n"], input="ndjson")
        next(batches)
        expected = transform.run(b"a1\nt2\na3\n")
        assert in_child(lambda: transform.run(b"a1\nt2\na3\n") == expected) == 0
        assert in_child(lambda: in_child(lambda: transform.run(b"a1\nt2\na3\n") == expected) == 0) == 0
        assert next(batches).output == b"a2\n"
        assert transform.run(b"a1\nt2\na3\n") == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_can_load(records_wasm: object) -> None:
    with wr.jq(".a") as transform:
        assert in_child(lambda: transform.run(b'{"a": 1}').output == b"1\n") == 0
        assert in_child(lambda: wr.jq(".b").run(b'{"b": 2}').output == b"2\n") == 0


# --- modules that remember ------------------------------------------------------------------------


STATEFUL = '{"abi": 1, "name": "sum", "stateful": true}'


# wr_close emits one record, "n", where the last batch had its output.
CLOSE = """
  (func (export "wr_close") (result i32)
    (memory.fill (i32.const 1032) (i32.const 0) (i32.const 64))
    (call $set (i32.const 32) (i32.const 1104))
    (call $set (i32.const 36) (i32.const 1))
    (call $set (i32.const 12) (i32.const 1))
    (i32.store (i32.const 1104) (i32.const 2097152))
    (i32.store offset=4 (i32.const 1104) (i32.const 2))
    (i32.store offset=8 (i32.const 1104) (i32.const 1))
    (i32.store16 (i32.const 2097152) (i32.const 0x0a6e))
    {misdeed}
    (i32.const {answer}))
"""


def stateful(misdeed: str = "", answer: int = 0) -> bytes:
    return guest(manifest=STATEFUL, extra=CLOSE.format(misdeed=misdeed, answer=answer))


def test_the_last_records_of_a_module_that_remembers() -> None:
    with wr.load(stateful(), limits=LIMITS) as transform:
        for _ in range(2):
            batch = transform.run(b"a1\nd2\n")
            assert batch.output == b"a1\nn\n"
            assert batch.counts == wr.Counts(2, 1, 1, 0, 2)
        assert [b.output for b in transform.stream([b"a1\n"])] == [b"a1\n", b"n\n"]
        assert idle(transform) == 1


def test_half_an_input_is_not_remembered() -> None:
    with wr.load(stateful(), limits=LIMITS) as transform:
        batches = transform.stream([b"a1\n", b"a2\n"], input="ndjson")
        next(batches)
        batches.close()  # type: ignore[attr-defined]
        assert idle(transform) == 0


def test_a_module_that_remembers_cannot_be_fresh() -> None:
    with pytest.raises(ValueError, match="the module sum keeps state from batch to batch: use 'shared'"):
        wr.load(stateful(), isolation="fresh")


SAYS_WHY = (
    store(40, ROWS)
    + store(44, 1)
    + "".join(
        f"(i32.store (i32.const {ROWS + 4 * at}) (i32.const {value}))"
        for at, value in enumerate((0, 0, 0, 0, TEXTS, 3, TEXTS + 3, 3, TEXTS + 6, 9))
    )
)


@pytest.mark.parametrize(
    ("misdeed", "answer", "error", "message"),
    [
        ("unreachable", 0, wr.GuestError, "the module trapped"),
        ("(call $exit (i32.const 9))", 0, wr.GuestError, "exited with status 9"),
        ("(loop $x (br $x))", 0, wr.TimeLimit, "no end within 0.1 s"),
        ("(drop (call $deep (i32.const 0)))", 0, wr.StackLimit, "recursion"),
        (store(12, 5), 0, wr.GuestError, "cannot be true"),
        ("", 1, wr.GuestError, "at the end of the input: wr_close failed"),
        (SAYS_WHY, 1, wr.GuestError, "at the end of the input: odd: it is odd"),
    ],
)
def test_an_end_that_goes_wrong(misdeed: str, answer: int, error: Any, message: str) -> None:
    with wr.load(stateful(misdeed, answer), limits=wr.Limits(time=0.1)) as transform:
        for _ in range(2):
            with pytest.raises(error, match=message):
                transform.run(b"a1\n")
            batches = transform.stream([b"a1\n"])
            assert next(batches).output == b"a1\n"
            with pytest.raises(error, match=message):
                next(batches)
