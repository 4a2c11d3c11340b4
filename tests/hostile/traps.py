"""A module that crashes at a record: the record pays, and what was there before and comes behind is kept."""

from __future__ import annotations

import functools

from hostile.case import LEVELS, LIMITS, SHORT, Act, Case, Stage, records
from hostile.modules import at_x, guests, lying

OVERLONG = "\\1b[31m" * 40
SENTENCE = '(data (i32.const 640) "\\1b[2J\\0d\\0a\\e2\\80\\aeno luck\\ff")'


def trapping(
    name: str, tried: str, misdeed: str, because: str = "", ends: str = "kept, trap, kept", extra: str = ""
) -> Case:
    return Case(name, tried, ends, records(at_x(misdeed, extra)), LEVELS, because=because)


def panicking(address: str, length: str) -> str:
    """Last words, and then a trap."""
    return (
        f"(call $set (i32.const 64) (i32.const {address}))"
        f"(call $set (i32.const 68) (i32.const {length})) unreachable"
    )


TABLE = (
    "(table 2 4 funcref) (type $none (func)) (type $one (func (param i32)))"
    "(func $f (type $one)) (elem (i32.const 1) $f)"
)


def again(stage: Stage) -> str:
    """Batch after batch on one transform, each with a record that traps."""
    with stage.load(guests()(), LIMITS) as transform:
        words = {stage.fates([b"a1", b"t2", b"a3"], transform.run(b"a1\nt2\na3\n")) for _ in range(20)}
    return " / ".join(words)


def stale(stage: Stage, misdeed: str = "unreachable") -> str:
    """Two batches with as many records; the second one has one more, for which there is no room."""
    arena = f"(if (i32.gt_u (local.get 0) (i32.const 1000)) (then {misdeed})) (i32.const 65536)"
    large = b"h" * 1500
    with stage.load(guests(arena=arena)(), SHORT if "loop" in misdeed else LIMITS) as transform:
        assert transform.run(b"a1\na2\n").output == b"a1\na2\n"
        return stage.fates([b"g1", b"g2", large], transform.run(b"g1\ng2\n" + large))


def poison(letter: bytes, count: int) -> Act:
    """Each third record is bad."""

    def act(stage: Stage) -> str:
        texts = [b"%c%d" % (letter[0] if n % 3 == 2 else ord("a"), n) for n in range(count)]
        with stage.load(guests()(), LIMITS) as transform:
            words = stage.fates(texts, transform.run(b"\n".join(texts)))
        expected = ", ".join(["2 kept, trap"] * (count // 3))
        return "each third trap" if words == expected else words

    return act


CASES = [
    trapping("unreachable", "It gives up", "unreachable", "unreachable"),
    trapping(
        "load outside",
        "It reads behind its memory",
        "(drop (i32.load (i32.const 4194304)))",
        "trapped: out of bounds memory",
    ),
    trapping(
        "load at 8 GiB",
        "It reads at the largest address with the largest offset",
        "(drop (i64.load offset=4294967295 (i32.const -1)))",
        "out of bounds memory",
    ),
    trapping(
        "store outside",
        "It writes over the end of its memory",
        "(i64.store (i32.const 4194300) (i64.const -1))",
    ),
    trapping("copy outside", "It copies 4 GiB", "(memory.copy (i32.const 0) (i32.const 1) (i32.const -1))"),
    trapping("fill outside", "It fills 4 GiB", "(memory.fill (i32.const 1) (i32.const 0) (i32.const -1))"),
    trapping(
        "dropped data",
        "It uses a data segment that it dropped",
        "(data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 5))",
        extra='(data $d "hello")',
    ),
    trapping(
        "by zero", "It divides by zero", "(drop (i64.rem_u (i64.const 1) (i64.const 0)))", "divide by zero"
    ),
    trapping(
        "overflow",
        "It divides the smallest number by -1",
        "(drop (i32.div_s (i32.const -2147483648) (i32.const -1)))",
        "integer overflow",
    ),
    trapping(
        "not a number",
        "It makes an integer of NaN",
        "(drop (i32.trunc_f64_s (f64.const nan)))",
        "invalid conversion",
    ),
    trapping(
        "too large a float",
        "It makes an integer of 1e300",
        "(drop (i64.trunc_f64_u (f64.const 1e300)))",
        "integer overflow",
    ),
    trapping(
        "null call",
        "It calls an empty element of a table",
        "(call_indirect (type $none) (i32.const 0))",
        "uninitialized element",
        extra=TABLE,
    ),
    trapping(
        "wrong call",
        "It calls a function by another signature",
        "(call_indirect (type $none) (i32.const 1))",
        "type mismatch",
        extra=TABLE,
    ),
    trapping(
        "call outside",
        "It calls behind the end of a table",
        "(call_indirect (type $none) (i32.const -1))",
        "out of bounds table",
        extra=TABLE,
    ),
    trapping(
        "table outside",
        "It writes behind the end of a table",
        "(table.set (i32.const 9) (ref.null func))",
        extra=TABLE,
    ),
    trapping(
        "recursion",
        "It calls itself for ever",
        "(drop (call $deep (i32.const 0)))",
        "deeper than",
        "kept, stack, kept",
    ),
    trapping(
        "fat frames",
        "It calls itself with 2,000 locals in each frame",
        "(drop (call $fat (i64.const 1)))",
        "deeper than",
        "kept, stack, kept",
        f"(func $fat (param i64) (result i64) (local {'i64 ' * 2000})"
        "(drop (call $fat (i64.add (local.get 0) (i64.const 1))))"
        + " ".join(f"(local.set {n} (i64.add (local.get {n}) (local.get {n - 1})))" for n in range(1, 2000))
        + " (local.get 1999))",
    ),
    trapping(
        "panic that steers",
        "Its last words are escape sequences, a line's end, and no UTF-8",
        panicking("640", "22"),
        "\\x1b[2J",
        extra=SENTENCE,
    ),
    trapping("panic outside", "Its last words are behind its memory", panicking("-1", "100"), "unreachable"),
    trapping("panic of 4 GiB", "Its last words are 4 GiB long", panicking("0", "-1"), "\\x00"),
    trapping(
        "names that steer",
        "The function that traps has a name of escape sequences",
        "(call $evil)",
        "unreachable",
        extra=f'(func $evil (@name "{OVERLONG}") unreachable)',
    ),
    Case(
        "trap in the arena",
        "It traps where it is asked for room, with the last batch's reply still standing there",
        "2 kept, trap",
        stale,
        LEVELS,
    ),
    Case(
        "loop in the arena",
        "It loops there",
        "2 kept, time",
        functools.partial(stale, misdeed="(loop $l (br $l))"),
        LEVELS,
    ),
    Case(
        "trap when all is done",
        "It does its work and traps behind the last record",
        "3 kept",
        records(lying("unreachable")),
        LEVELS,
    ),
    Case(
        "trap and lie",
        "It traps, and what it has said of the batch before cannot be true",
        "kept, trap, kept | kept, reply, kept",
        records(
            at_x(
                "(call $set (i32.const 8) (i32.const -1)) (call $set (i32.const 24) (i32.const -1)) "
                "unreachable"
            )
        ),
        LEVELS,
    ),
    Case(
        "each batch",
        "A record of each batch traps, twenty batches on one transform",
        "kept, trap, kept",
        again,
        LEVELS,
    ),
    Case(
        "each third record",
        "300 records, each third of them traps",
        "each third trap",
        poison(b"t", 300),
        LEVELS,
    ),
    Case(
        "all records",
        "Each record traps",
        "50 trap",
        records(at_x("unreachable"), " ".join(f"x{n}" for n in range(50))),
        LEVELS,
    ),
    Case(
        "exit 0",
        "It ends the process with status 0",
        "kept, exit, kept",
        records(at_x("(call $exit (i32.const 0))")),
        LEVELS,
        because="status 0",
    ),
]
