"""What a caller does in the middle of the work, and modules that never do any."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator

import wasmrecords as wr
from hostile.case import ANY, LEVELS, Case, Stage
from hostile.life import all_of
from hostile.modules import guests


class Ours(Exception):
    pass


def callback_raises(stage: Stage) -> str:
    def refuse(failure: wr.Failure) -> None:
        raise Ours(failure.code)

    with stage.jq("if . == 2 then error else . end") as transform:
        try:
            list(transform.map([1, 2, 3], failures=refuse))
        except Ours as error:
            assert list(transform.map([1, 3])) == [1, 3]
            return f"the caller's own error ({error})"
    return "lost"


def callback_runs_it(stage: Stage) -> str:
    """The function for failures runs the same transform."""
    inner: list[object] = []
    with stage.jq("if . == 2 then error else . end") as transform:
        made = list(transform.map([1, 2, 3], failures=lambda failure: inner.extend(transform.map([4, 5]))))
    return "3 kept" if (made, inner) == ([1, 3], [4, 5]) else f"{made} {inner}"


def source_raises(stage: Stage) -> str:
    def pieces() -> Iterator[bytes]:
        yield b"a1\na2\n"
        raise Ours

    output = b""
    with stage.load(guests()()) as transform:
        try:
            for batch in transform.stream(pieces()):
                output += batch.output
        except Ours:
            assert transform.run(b"a1\n").output == b"a1\n"
            return "the caller's own error"
    return "lost"


def left_halfway(stage: Stage) -> str:
    with stage.load(guests()()) as transform:
        for _ in range(20):
            stream = transform.stream(b"a%d\n" % n for n in range(1_000_000))
            next(stream)
            del stream
    return "nothing left"


def small_stack(stage: Stage) -> str:
    """A thread with a stack of 64 KiB, which a guest could overrun."""
    errors: list[Exception] = []
    with stage.load(guests()()) as transform:

        def work() -> None:
            try:
                transform.run(b"s1\n")
            except wr.StackLimit as error:
                errors.append(error)

        before = threading.stack_size(64 * 1024)
        try:
            all_of([work])
        finally:
            threading.stack_size(before)
    raise errors[0]


def always_failing(stage: Stage) -> str:
    with stage.load(guests()(), wr.Limits(time=1, faults=20)) as transform:
        return stage.fates([], transform.run(b"t\n" * 1_000_000))


def always_looping(stage: Stage) -> str:
    with stage.load(guests()(), wr.Limits(time=0.05, faults=5)) as transform:
        return stage.fates([], transform.run(b"l\n" * 1_000_000))


def out_of_fuel(stage: Stage) -> str:
    with stage.load(guests()(), wr.Limits(time=30, fuel=1_000_000)) as transform:
        return stage.fates([b"a1", b"l2", b"a3"], transform.run(b"a1\nl2\na3\n"))


def pickled(stage: Stage) -> str:
    """Errors cross processes."""
    failed = 0
    for make in (
        lambda: wr.load(b"\0asm"),
        lambda: wr.jq("("),
        lambda: wr.load(guests(open="unreachable")()),
    ):
        try:
            make()
        except wr.WasmRecordsError as error:
            again = pickle.loads(pickle.dumps(error))
            failed += (type(again), str(again), vars(again)) != (type(error), str(error), vars(error))
    return f"{failed} changed"


CASES = [
    Case(
        "callback raises",
        "The function for failures raises",
        "the caller's own error (jq)",
        callback_raises,
        LEVELS,
    ),
    Case(
        "callback runs it",
        "The function for failures runs the same transform",
        "3 kept",
        callback_runs_it,
        LEVELS,
    ),
    Case(
        "source raises",
        "The source raises between two pieces",
        "the caller's own error",
        source_raises,
        LEVELS,
    ),
    Case(
        "left halfway",
        "Twenty streams of a million records are dropped after the first batch",
        "nothing left",
        left_halfway,
        LEVELS,
        within=20,
    ),
    Case(
        "small stack",
        "A thread whose stack a guest could overrun",
        "StackLimit",
        small_stack,
        ("shared", "fresh"),
    ),
    Case(
        "always failing",
        "A module traps on each of a million records",
        "FaultLimit",
        always_failing,
        LEVELS,
        within=15,
    ),
    Case(
        "always looping",
        "A module loops on each of a million records",
        "FaultLimit",
        always_looping,
        LEVELS,
        within=15,
    ),
    Case(
        "out of fuel",
        "A guest loops, and may work so much and no more",
        "kept, fuel, kept",
        out_of_fuel,
        LEVELS,
    ),
    Case("errors travel", "Errors of three kinds are pickled", "0 changed", pickled, ANY),
]
