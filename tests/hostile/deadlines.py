"""A module that does not come to an end. It has 0.1 s for a batch; the record in hand pays."""

from __future__ import annotations

import threading
import time

import wasmrecords as wr
from hostile.case import ANY, LEVELS, SHORT, Case, Stage, records
from hostile.modules import at_x, guests, lying, wasi

LOOP = "(loop $l (br $l))"
POLL = "(drop (call $poll_oneoff (i32.const 512) (i32.const 600) (i32.const 1) (i32.const 700)))"
ONCE = "kept, time, kept"


def endless(
    name: str,
    tried: str,
    misdeed: str,
    ends: str = ONCE,
    extra: str = "",
    imports: str = "",
    text: str = "a1 x2 a3",
) -> Case:
    return Case(name, tried, ends, records(at_x(misdeed, extra, imports), text, limits=SHORT), LEVELS)


def again_and_again(code: str) -> str:
    return f"(loop $l {code} (br $l))"


def at_the_end(stage: Stage) -> str:
    """A stateful module that never finishes."""
    module = guests(
        manifest='{"abi": 1, "stateful": true}',
        extra=f'(func (export "wr_close") (result i32) {LOOP} unreachable)',
    )
    with stage.load(module(), SHORT) as transform:
        list(transform.stream([b"a1\n"]))
    return "ended"


def busy_python(stage: Stage) -> str:
    """The deadline holds though the interpreter is never free."""
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=work) for _ in range(3)]
    with stage.load(guests()(), SHORT) as transform:
        for thread in threads:
            thread.start()
        try:
            return stage.fates([b"a1", b"l2", b"a3"], transform.run(b"a1\nl2\na3\n"))
        finally:
            done.set()
            for thread in threads:
                thread.join()


def siblings(stage: Stage) -> str:
    """Four threads whose guests loop beside four whose guests do not: nobody pays for another."""
    ends: list[str] = []
    good: list[str] = []
    with (
        stage.load(guests()(), wr.Limits(time=0.2)) as bad,
        stage.load(guests()(), wr.Limits(time=20)) as well,
    ):

        def loop() -> None:
            ends.append(stage.fates([b"a1", b"l2", b"a3"], bad.run(b"a1\nl2\na3\n")))

        def work() -> None:
            for _ in range(20):
                good.append(stage.fates([b"a1", b"a2"], well.run(b"a1\na2\n")))

        threads = [threading.Thread(target=target) for target in (loop, work) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert good == ["2 kept"] * 80, good
    assert len(ends) == 4
    return " / ".join(set(ends))


def within_twice(stage: Stage) -> str:
    """The deadline itself, measured: a second, of a batch with one endless record."""
    with stage.load(guests()(), wr.Limits(time=1.0)) as transform:
        started = time.monotonic()
        words = stage.fates([b"l1"], transform.run(b"l1\n"))
        took = time.monotonic() - started
    # Twice, and something for a machine that has other things to do.
    return words if 1.0 <= took < 3.5 else f"after {took:.2f} s"


CASES = [
    endless("loop", "It loops", LOOP),
    endless("first record", "It loops at the first record", LOOP, "time, 2 kept", text="x1 a2 a3"),
    endless("last record", "It loops at the last record", LOOP, "2 kept, time", text="a1 a2 x3"),
    endless(
        "each third record",
        "It loops at each third record",
        LOOP,
        "time, 2 kept, time, 2 kept, time",
        text="x1 a2 a3 x4 a5 a6 x7",
    ),
    endless(
        "recursion without loops",
        "It calls itself twice, forty levels deep",
        "(drop (call $twice (i32.const 40)))",
        extra="(func $twice (param $n i32) (result i32) "
        "(if (i32.eqz (local.get $n)) (then (return (i32.const 1)))) "
        "(local.set $n (i32.sub (local.get $n) (i32.const 1))) "
        "(i32.add (call $twice (local.get $n)) (call $twice (local.get $n))))",
    ),
    endless(
        "indirect calls",
        "It calls itself through a table, with no loop",
        "(call_indirect (type $n) (i32.const 30) (i32.const 0))",
        extra="(table 1 funcref) (type $n (func (param i32))) (elem (i32.const 0) $turn) "
        "(func $turn (type $n) "
        "(if (local.get 0) (then "
        + "(call_indirect (type $n) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))" * 3
        + ")))",
    ),
    endless(
        "bulk fill",
        "It fills its memory again and again",
        again_and_again("(memory.fill (i32.const 2097152) (i32.const 0) (i32.const 2097152))"),
    ),
    endless(
        "bulk copy",
        "It copies its memory again and again",
        again_and_again("(memory.copy (i32.const 2097152) (i32.const 2097153) (i32.const 2097151))"),
    ),
    endless(
        "grow",
        "It asks for memory that it does not get, for ever",
        again_and_again("(drop (memory.grow (i32.const 65535)))"),
    ),
    endless(
        "grow table",
        "It asks for a larger table, for ever",
        again_and_again("(drop (table.grow (ref.null func) (i32.const 1000000)))"),
        extra="(table 1 funcref)",
    ),
    endless(
        "fill table",
        "It fills a table of 100,000 elements again and again",
        again_and_again("(table.fill (i32.const 0) (ref.null func) (i32.const 100000))"),
        extra="(table 100000 funcref)",
    ),
    endless(
        "slow numbers",
        "It divides denormal numbers",
        again_and_again(
            "(f64.store (i32.const 512) (f64.div (f64.const 0x1p-1060) (f64.load (i32.const 520))))"
        ),
    ),
    endless(
        "sleep",
        "It sleeps an hour with `poll_oneoff`",
        f"(i64.store (i32.const 536) (i64.const 3600000000000)) {POLL}",
        "3 kept",
        imports=wasi("poll_oneoff", "iiii"),
    ),
    endless(
        "sleep for ever",
        "It sleeps in a loop until it is an hour later",
        again_and_again(POLL),
        imports=wasi("poll_oneoff", "iiii"),
    ),
    endless(
        "wait for input",
        "It reads standard input until something comes",
        again_and_again("(drop (call $fd_read (i32.const 0) (i32.const 512) (i32.const 1) (i32.const 508)))"),
        imports=wasi("fd_read", "iiii"),
    ),
    endless(
        "yield",
        "It yields for ever",
        again_and_again("(drop (call $sched_yield))"),
        imports=wasi("sched_yield", ""),
    ),
    endless(
        "look at the clock",
        "It waits until the clock goes on",
        again_and_again("(drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 512)))"),
        imports=wasi("clock_time_get", "iIi"),
    ),
    endless(
        "write for ever",
        "It writes 2 MiB to standard output, again and again",
        "(i32.store (i32.const 512) (i32.const 2097152)) (i32.store (i32.const 516) (i32.const 2097152))"
        + again_and_again("(drop (call $write (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 508)))"),
    ),
    endless(
        "exit and loop",
        "It ends the process and loops on",
        f"(call $exit (i32.const 3)) {LOOP}",
        "kept, exit, kept",
    ),
    Case(
        "loop when all is done",
        "It does its work and loops behind the last record",
        "3 kept",
        records(lying(LOOP), limits=SHORT),
        LEVELS,
    ),
    Case("at the end", "A stateful module never ends with its input", "TimeLimit", at_the_end, ANY),
    Case(
        "busy interpreter",
        "It loops while three threads of Python compute",
        ONCE,
        busy_python,
        LEVELS,
        within=15,
    ),
    Case(
        "siblings",
        "Guests of four threads loop, those of four others work",
        ONCE,
        siblings,
        LEVELS,
        within=20,
    ),
    Case(
        "twice at most",
        "It loops with a deadline of a second: not over before, and over within two",
        "time",
        within_twice,
        ANY,
    ),
]
